package org.fissionfusion.local.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.fissionfusion.schemas.Topic;

/** Records that nobody can decode, made of sound ones. */
final class Poisons {
    private static final int HEADER = 5;

    private Poisons() {}

    static byte[] changed(byte[] sound, int index, byte value) {
        byte[] bytes = sound.clone();
        bytes[index] = value;
        return bytes;
    }

    /** As much as a broker takes, and more than fits into a dead letter as it is. */
    static byte[] oversized() {
        byte[] bytes = new byte[1_000_000];
        Arrays.fill(bytes, (byte) 'x');
        return bytes;
    }

    static byte[] hugeLength(byte[] sound) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(sound, 0, HEADER);
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        encoder.writeLong(Integer.MAX_VALUE - 100);
        return bytes.toByteArray();
    }

    /** The record as a program would write it whose enums have one symbol more. */
    static byte[] unknownSymbol(Topic<? extends SpecificRecord> topic, byte[] sound, List<String> path)
            throws Exception {
        Schema known = topic.valueType().getDeclaredConstructor().newInstance().getSchema();
        Schema newer = new Schema.Parser().parse(known.toString().replace("\"UNKNOWN\"]", "\"UNKNOWN\",\"NEWER\"]"));
        GenericRecord record = new GenericDatumReader<GenericRecord>(newer)
                .read(null, DecoderFactory.get().binaryDecoder(sound, HEADER, sound.length - HEADER, null));
        GenericRecord holder = record;
        for (String name : path.subList(0, path.size() - 1)) {
            holder = (GenericRecord) holder.get(name);
        }
        Schema symbols = holder.getSchema().getField(path.getLast()).schema();
        holder.put(path.getLast(), new GenericData.EnumSymbol(symbols, "NEWER"));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(sound, 0, HEADER);
        new GenericDatumWriter<GenericRecord>(newer)
                .write(record, EncoderFactory.get().directBinaryEncoder(bytes, null));
        return bytes.toByteArray();
    }
}
