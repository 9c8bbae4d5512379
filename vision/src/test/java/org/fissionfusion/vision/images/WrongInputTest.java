package org.fissionfusion.vision.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is missing or wrong in a download is named; it is never taken for a data set of another kind. */
class WrongInputTest {
    @TempDir
    private Path folder;

    private LayoutFixture fixture() {
        return new LayoutFixture(folder.resolve("in"));
    }

    private void requireRefused(LayoutFixture fixture, String... reasons) {
        var refusal = assertThatThrownBy(() -> Preparation.inDomain(
                        ImageSource.detect(fixture.root(), List.of(), 1),
                        folder.resolve("out"),
                        PreparationOptions.DEFAULT.withImageSize(8)))
                .isInstanceOf(PreparationException.class);
        for (String reason : reasons) {
            refusal.hasMessageContaining(reason);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "train_images/a.png, /train.csv: cannot be read as CSV: no such file",
        "stage_2_train_images/a.png, /stage_2_detailed_class_info.csv: cannot be read as CSV: no such file",
        "train/patient00001/study1/view1_frontal.jpg, /train.csv: cannot be read as CSV: no such file",
        "files/p10/p10000032/s50414267/a.jpg, has no mimic-cxr-2.0.0-metadata.csv",
        "Base11/Annotation_Base11.xls, has no Annotation_Base*.csv; save every Annotation_Base*.xls as CSV",
        "cifar-10-batches-py/data_batch_1, the one called \"binary version\" is needed",
        "cifar-100-python/train, the one called \"binary version\" is needed",
        "pictures/a.png, 'has only one class, ''pictures''; two are needed (where a table has the labels: prepare --table)'"
    })
    void doesNotTakeADownloadWithoutItsTablesForClassFolders(String file, String reason) throws Exception {
        requireRefused(fixture().bytes(file, new byte[] {1}).bytes("pictures/b.txt", new byte[0]), reason);
    }

    @Test
    void namesAColumnThatMimicsMetadataLack() throws Exception {
        LayoutFixture fixture = fixture()
                .text("mimic-cxr-2.0.0-split.csv", "dicom_id,study_id,subject_id,split", "a,5,10,train")
                .text("mimic-cxr-2.0.0-chexpert.csv", "subject_id,study_id")
                .text("mimic-cxr-2.0.0-metadata.csv", "dicom,ViewPosition", "a,PA");
        requireRefused(fixture, "metadata.csv: has no column 'dicom_id'; it has [dicom, ViewPosition]");
        fixture.text("mimic-cxr-2.0.0-metadata.csv", "dicom_id,View", "a,PA");
        requireRefused(fixture, "metadata.csv: has no column 'ViewPosition'; it has [dicom_id, View]");
    }

    @Test
    void namesTheColumnOfGradesThatMessidor2Lacks() throws Exception {
        requireRefused(
                fixture().text("messidor_data.csv", "image_id,grade", "a.png,1"),
                "messidor_data.csv: has no column 'adjudicated_dr_grade'");
    }

    @Test
    void saysWhyNoPictureIsLeft() throws Exception {
        requireRefused(
                fixture().text("messidor_data.csv", "image_id,adjudicated_dr_grade", "a.png,"),
                "has no pictures; not in the set: a.png: not gradable");
    }

    @Test
    void namesTheLabelsOfCifar101ThatAreMissing() throws Exception {
        requireRefused(fixture().bytes("cifar10.1_v6_data.npy", new byte[9]), "cifar10.1_v6_labels.npy: no such file");
    }

    @Test
    void missesASplitBeforeAnyPictureIsDecoded() throws Exception {
        requireRefused(
                fixture().picture("train/a/1.png").picture("train/b/1.png").picture("test/a/1.png"),
                "has no pictures in its validation split, which training needs; it has train, test (prepare --test-only makes a set for testing)");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void missesTheClassesTrainedOnBeforeAnyPictureIsDecoded() throws Exception {
        ImageSource source = ImageSource.detect(
                fixture().picture("a/1.png").picture("b/1.png").root(), List.of(), 1);
        Path file = folder.resolve("out/test.safetensors");
        assertThatThrownBy(() -> Preparation.outOfDomain(source, List.of("a", "c"), file, PreparationOptions.DEFAULT))
                .hasMessage(
                        "%s: its classes [a, b] are not those of the domain trained on, [a, c]; prepare --test-only keeps them, for a request whose labels rename them",
                        source.path());
        assertThatThrownBy(() -> Preparation.outOfDomain(
                        source,
                        List.of("a", "c"),
                        new Adaptation(Map.of("a", "a"), 1, 0),
                        file,
                        PreparationOptions.DEFAULT,
                        PreparationListener.NOBODY))
                .hasMessageContaining("labels: says nothing of its class 'b'");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private void requireTableRefused(String table, String reason) throws Exception {
        LayoutFixture fixture = fixture().text("t.csv", table.split("/", -1));
        Files.createDirectories(fixture.root());
        ImageSource source = new ImageSource.Table(
                fixture.root().resolve("t.csv"),
                fixture.root(),
                new ImageSource.Columns("image", List.of("label"), Optional.empty(), Optional.of("who"), List.of()),
                0);
        assertThatThrownBy(() -> Preparation.inDomain(source, folder.resolve("out"), PreparationOptions.DEFAULT))
                .isInstanceOf(PreparationException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "image,label,who/a,0,p/b,,p | t.csv:3: label is empty; every row needs it",
                "image,label,who/a,0,p/b,1, | t.csv:3: who is empty; every row needs it",
                "image,label,who/a,0,p/,1,p | t.csv:3: image is empty; every row needs it",
                "image,label,who,label/a,0,p,0 | has several columns 'label'; one is allowed",
                "image,who/a,0 | has no column 'label'; it has [image, who]",
                "'image,label,who/\"a,0,p' | cannot be read as CSV: (startline"
            })
    void namesWhatIsWrongInATable(String table, String reason) throws Exception {
        requireTableRefused(table, reason);
    }

    @Test
    void refusesAnEmptyTable() throws Exception {
        LayoutFixture fixture = fixture().bytes("trainLabels.csv", new byte[0]);
        Files.createDirectories(fixture.root().resolve("train"));
        requireRefused(fixture, "trainLabels.csv: is empty; it must begin with a line of column names");
    }
}
