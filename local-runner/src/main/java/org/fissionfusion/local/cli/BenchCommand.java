package org.fissionfusion.local.cli;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.fissionfusion.local.bench.Bench;
import org.fissionfusion.local.bench.Figure;
import org.fissionfusion.runtime.Logging;
import org.fissionfusion.vision.model.MemoryFormat;
import org.fissionfusion.vision.model.Precision;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code bench}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures on this machine: training steps and scoring (beside PyTorch eager, taking turns), the input",
            "pipeline and how long training waits for it, safetensors files and blending, the souper's events per",
            "second, a queue shared by many workers, how long a souper lets others wait, and a whole run with its",
            "overhead and memory."
        })
final class BenchCommand implements Callable<Integer> {
    @Option(names = "--only", split = ",", description = "some of ${COMPLETION-CANDIDATES}; default: all")
    private Set<Bench.Section> only = Set.of(Bench.Section.values());

    @Option(names = "--architecture", defaultValue = "resnet20", description = "default: ${DEFAULT-VALUE}")
    private String architecture;

    @Option(names = "--batch", defaultValue = "128", description = "default: ${DEFAULT-VALUE}")
    private int batch;

    @Option(names = "--threads", split = ",", defaultValue = "1,2", description = "default: ${DEFAULT-VALUE}")
    private List<Integer> threads;

    @Option(names = "--steps", defaultValue = "5", description = "steps of a turn, default: ${DEFAULT-VALUE}")
    private int steps;

    @Option(names = "--rounds", defaultValue = "8", description = "turns of each side, default: ${DEFAULT-VALUE}")
    private int rounds;

    @Option(
            names = "--precision",
            defaultValue = "fp32",
            description = "of training steps: fp32, bf16; default: ${DEFAULT-VALUE}")
    private Precision precision;

    @Option(
            names = "--memory-format",
            converter = FormatName.class,
            description =
                    "of training steps: contiguous, channels-last; default: as in a request, that of the precision")
    private Optional<MemoryFormat> memoryFormat = Optional.empty();

    @Option(
            names = "--megabytes",
            defaultValue = "100",
            description = "size of one blended file, default: ${DEFAULT-VALUE}")
    private int megabytes;

    @Option(
            names = "--experiments",
            defaultValue = "160",
            description = "that the souper plans at a time, default: ${DEFAULT-VALUE}")
    private int experiments;

    @Option(names = "--workers", defaultValue = "100", description = "that share a queue, default: ${DEFAULT-VALUE}")
    private int workers;

    @Option(
            names = "--tasks",
            defaultValue = "100",
            description = "of each of them, of a second each, default: ${DEFAULT-VALUE}")
    private int tasks;

    @Option(
            names = "--state",
            defaultValue = "1000",
            description = "experiments in the state of a souper that is started again, default: ${DEFAULT-VALUE}")
    private int state;

    @Option(
            names = "--images",
            defaultValue = "2000",
            description = "training images of the whole run and of wait, default: ${DEFAULT-VALUE}")
    private int images;

    @Option(names = "--trainers", defaultValue = "1", description = "of the whole run, default: ${DEFAULT-VALUE}")
    private int trainers;

    @Option(names = "--python", paramLabel = "PYTHON", description = "compare with PyTorch eager of this Python")
    private Path python;

    @Mixin
    private Output output;

    static final class FormatName implements ITypeConverter<MemoryFormat> {
        @Override
        public MemoryFormat convert(String name) {
            return Arrays.stream(MemoryFormat.values())
                    .filter(format -> format.wireName().equals(name))
                    .findFirst()
                    .orElseThrow(() ->
                            new TypeConversionException("expected contiguous or channels-last but was '" + name + "'"));
        }
    }

    @Override
    public Integer call() throws Exception {
        Bench bench = new Bench(
                new Bench.Steps(architecture, batch, threads, steps, rounds, precision, memoryFormat),
                new Bench.Sizes(megabytes, experiments, workers, tasks, state, images, trainers),
                Optional.ofNullable(python));
        ArrayNode all = new ObjectMapper().createArrayNode();
        for (Bench.Section section : Bench.Section.values()) {
            if (only.contains(section)) {
                Path folder = Files.createTempDirectory("fissionfusion-bench");
                Logging.configure(Level.WARN, Optional.of(folder.resolve("log.txt")));
                try {
                    for (Figure figure : bench.measure(section, folder)) {
                        figure.into(all.addObject());
                        output.say(figure);
                    }
                } finally {
                    Bench.remove(folder);
                }
            }
        }
        output.print(all, _ -> {});
        return FissionFusion.DONE;
    }
}
