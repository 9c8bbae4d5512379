package org.fissionfusion.vision.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the pixels of one picture are. */
sealed interface Picture {
    /** The file, for messages. */
    Path file();

    /** The encoded bytes. */
    byte[] read() throws IOException;

    /** The square RGB picture, S x S x 3, of {@link #read}'s bytes. */
    byte[] decode(byte[] bytes, int side, Resize resize, DecodingMemory memory) throws IOException;

    /** A picture file of its own. */
    record OfFile(Path file) implements Picture {
        @Override
        public byte[] read() throws IOException {
            return Files.readAllBytes(file);
        }

        @Override
        public byte[] decode(byte[] bytes, int side, Resize resize, DecodingMemory memory) throws IOException {
            return PictureDecoder.decode(bytes, side, resize, memory);
        }

        @Override
        public String toString() {
            return file.toString();
        }
    }

    /**
     * Raw RGB bytes within a file; they keep their size.
     *
     * @param offset first byte
     * @param bytes how many
     * @param planar plane after plane rather than pixel after pixel
     */
    record Run(Path file, long offset, int bytes, boolean planar) implements Picture {
        @Override
        public byte[] read() throws IOException {
            try (var channel = Files.newByteChannel(file)) {
                var buffer = java.nio.ByteBuffer.allocate(bytes);
                channel.position(offset);
                while (buffer.hasRemaining()) {
                    if (channel.read(buffer) < 0) {
                        throw new IOException("ends inside the picture at byte " + offset);
                    }
                }
                return buffer.array();
            }
        }

        @Override
        public byte[] decode(byte[] raw, int side, Resize resize, DecodingMemory memory) {
            if (!planar) {
                return raw;
            }
            byte[] interleaved = new byte[raw.length];
            int area = raw.length / 3;
            for (int i = 0; i < raw.length; i++) {
                interleaved[i % area * 3 + i / area] = raw[i];
            }
            return interleaved;
        }

        @Override
        public String toString() {
            return file + " at byte " + offset;
        }
    }
}
