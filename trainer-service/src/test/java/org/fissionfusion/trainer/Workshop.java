package org.fissionfusion.trainer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.common.serialization.Serde;
import org.fissionfusion.events.Augmentation;
import org.fissionfusion.events.BatchNormMode;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.OptimizerSpec;
import org.fissionfusion.events.Precision;
import org.fissionfusion.events.Stage;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.runtime.Deliveries;
import org.fissionfusion.runtime.Delivery;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.TaskReports;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.PreparationException;
import org.fissionfusion.vision.images.PreparedSetWriter;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.InitialWeights;

/** A store with a small data set and random weights, and trainers that work on it. */
record Workshop(Path folder, FolderStore store, StoredFile weights, DataSplit train, DataSplit validation) {
    private static final int SIZE = 8;
    private static final int CLASSES = 2;

    /** Made first of all: it tells Avro which classes to trust. */
    private static final Serde<TaskResult> FORMAT = SerdeFactory.bundled().valuesOf(Topics.RESULTS);

    static Workshop in(Path folder) {
        FolderStore store = new FolderStore(folder.resolve("store"));
        StoredFile weights = store.put(
                        "weights",
                        ".safetensors",
                        target -> InitialWeights.of(Architecture.named("resnet20"), 3, 7)
                                .write(target, Map.of()))
                .toAvro();
        return new Workshop(folder, store, weights, split(store, "train", 24, 1), split(store, "validation", 12, 2));
    }

    private static DataSplit split(ObjectStore store, String name, int images, long seed) {
        StoredFile file = store.put("data", ".safetensors", target -> {
                    try {
                        PreparedSetWriter.write(
                                target, blobs(images, seed), new PreparedSetWriter.Origin("made up", "none"), Map.of());
                    } catch (PreparationException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toAvro();
        return new DataSplit(name, file, false, List.of());
    }

    /** Dark images are of class 0, bright ones of class 1. */
    private static LabelledImages blobs(int images, long seed) {
        Random random = new Random(seed);
        ImageShape shape = new ImageShape(SIZE, SIZE, 3);
        MemorySegment pixels = Arena.ofAuto().allocate((long) images * shape.bytes());
        int[] labels = new int[images];
        for (int i = 0; i < images; i++) {
            labels[i] = random.nextInt(CLASSES);
            for (int p = 0; p < shape.bytes(); p++) {
                int value = 60 + 80 * labels[i] + random.nextInt(60);
                pixels.set(ValueLayout.JAVA_BYTE, (long) i * shape.bytes() + p, (byte) value);
            }
        }
        return new LabelledImages(shape, pixels, labels, Optional.empty(), List.of("dark", "bright"));
    }

    TrainingTask.Builder task(Stage stage, String id, int epochs) {
        return TrainingTask.newBuilder()
                .setExperimentId("exp-42")
                .setTaskId(id)
                .setAttempt(1)
                .setStage(stage)
                .setArchitecture("resnet20")
                .setStartWeights(weights)
                .setTrain(train)
                .setValidation(validation)
                .setClasses(CLASSES)
                .setImageSize(SIZE)
                .setMean(List.of(0.5, 0.5, 0.5))
                .setStd(List.of(0.25, 0.25, 0.25))
                .setBatchSize(8)
                .setOptimizer(new OptimizerSpec(0.01, 0.9, 0.999, 1e-8, false))
                .setPrecision(Precision.FP32)
                .setBatchNorm(BatchNormMode.BATCH)
                .setAugmentation(Augmentation.MINIMAL)
                .setSeed(1)
                .setEpochs(epochs)
                .setLearningRate(1e-3)
                .setMaxLearningRate(1e-4)
                .setMinLearningRate(1e-6)
                .setCycle(2);
    }

    TrainingTask fineTune(int epochs) {
        return task(Stage.FINE_TUNE, "exp-42/fine-tune/lr=1e-3/aug=minimal/seed=1", epochs)
                .build();
    }

    TrainingWorker worker(String name, ObjectStore seen, TaskReports reports) {
        return new TrainingWorker(new TrainingWorker.Bench(name, seen, FORMAT, folder.resolve("scratch"), 1), reports);
    }

    static Delivery delivery(TrainingTask task) {
        return new Deliveries("training-tasks").of(task.getTaskId());
    }
}
