package org.fissionfusion.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestDraft;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.local.chaos.ChaosLab;
import org.fissionfusion.local.chaos.Role;
import org.fissionfusion.local.run.LocalRun;
import org.fissionfusion.local.run.RequestYaml;
import org.fissionfusion.local.run.RequestedFiles;
import org.fissionfusion.runtime.FolderStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chaos}. */
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        description = {
            "Runs an experiment undisturbed, then again and again on three brokers, a schema registry and every service,",
            "each in a process of its own, killing one at random (kill -9) and starting it again, until as many were",
            "killed as asked for.",
            "Done when every disturbed experiment ends with the same soups, byte for byte, and nothing is lost,",
            "counted twice or among the dead letters."
        })
final class ChaosCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofHours(2);

    @Parameters(paramLabel = "REQUEST", description = "a YAML file; the quickstart leaves one in its output folder")
    private Path request;

    @Option(names = "--kills", paramLabel = "N", description = "how many processes are killed, default: 100")
    private int kills = 100;

    @Option(names = "--seed", paramLabel = "N", description = "of who is killed and when, default: 1")
    private long seed = 1;

    @Option(names = "--pace", paramLabel = "SECONDS", description = "between two kills on average, default: 4")
    private int pace = 4;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            description = "where everything goes, default: out/chaos")
    private Path out = Path.of("out", "chaos");

    @Mixin
    private RunOptions options;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        ObjectNode tree = RequestYaml.read(request);
        Path base = request.toAbsolutePath().getParent();
        Path calm = out.resolve("undisturbed");
        int code = new LocalRun(calm, options.trainers(), options.printer(), Optional.empty()).run(tree, base);
        if (code != FissionFusion.DONE) {
            return code;
        }
        SortedMap<String, String> soups = soups(calm);
        int killed = 0;
        for (int round = 1; killed < kills; round++) {
            Path folder = out.resolve("round-" + round);
            Path store = folder.resolve("store");
            RequestDraft draft = RequestReader.read(tree);
            ExperimentRequest resolved = draft.resolve(new RequestedFiles(
                            draft, base, new FolderStore(store), folder.resolve("prepare"), System.err::println)
                    .store());
            try (ChaosLab lab = ChaosLab.open(ChaosLab.Setting.of(folder, store), resolved)) {
                List<String> victims =
                        lab.killAtRandom(Role.ALL, kills - killed, new Random(seed + round), Duration.ofSeconds(pace));
                List<String> complaints = lab.onlooker().awaitVerdict(PATIENCE).complaints(soups);
                killed += victims.size();
                say("round %d: %d kills %s, %d of %d in all; %s"
                        .formatted(
                                round,
                                victims.size(),
                                victims,
                                killed,
                                kills,
                                complaints.isEmpty() ? "the same soups" : complaints));
                if (!complaints.isEmpty() || victims.isEmpty()) {
                    return FissionFusion.FAILED;
                }
            }
        }
        return FissionFusion.DONE;
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }

    private static SortedMap<String, String> soups(Path folder) throws Exception {
        SortedMap<String, String> soups = new TreeMap<>();
        for (JsonNode soup : new ObjectMapper()
                .readTree(folder.resolve("results.json").toFile())
                .path("soups")) {
            soups.put(soup.path("id").asText(), soup.path("sha256").asText());
        }
        return soups;
    }
}
