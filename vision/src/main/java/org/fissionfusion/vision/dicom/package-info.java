/** Reads single-frame DICOM pictures. */
package org.fissionfusion.vision.dicom;
