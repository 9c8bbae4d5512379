package org.fissionfusion.local.cli;

import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import org.fissionfusion.core.request.RequestException;
import org.fissionfusion.core.weights.WeightsException;
import org.fissionfusion.local.run.RunRefused;
import org.fissionfusion.local.run.RunStopped;
import org.fissionfusion.vision.images.PreparationException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root command and the meaning of exit codes: 0 done, 1 failed, 2 wrong use. */
@Command(
        name = "fissionfusion",
        mixinStandardHelpOptions = true,
        version = "FissionFusion 0.1.0",
        description = "Fine-tunes one pretrained image model in many ways and blends the results into soups.",
        subcommands = {
            QuickstartCommand.class,
            RunCommand.class,
            PrepareCommand.class,
            SoupCommand.class,
            InspectCommand.class,
            GcCommand.class,
            BenchCommand.class,
            ChaosCommand.class,
            ServiceCommands.Trainer.class,
            ServiceCommands.Evaluator.class,
            ServiceCommands.Souper.class,
            TopicsCommand.class,
            SampleCommand.class,
            SubmitCommand.class,
            WatchCommand.class,
            FetchCommand.class,
            ExperimentCommands.ListAll.class,
            ExperimentCommands.Cancel.class,
            ExperimentCommands.Pause.class,
            ExperimentCommands.Resume.class,
            ExperimentCommands.Prioritize.class,
            DeadLetterCommands.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed", "2:wrong use: an option, a request or an input file is not as it must be"
        })
public final class FissionFusion implements Runnable {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int WRONG_USE = 2;

    @Spec
    private CommandSpec spec;

    /** Runs a command line and returns its exit code. */
    public static int execute(String... arguments) {
        CommandLine command = new CommandLine(new FissionFusion())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(FissionFusion::explainUse)
                .setExecutionExceptionHandler(FissionFusion::explain);
        try {
            return command.execute(arguments);
        } catch (OutOfMemoryError e) {
            return explain(e, command);
        }
    }

    private static int explain(OutOfMemoryError e, CommandLine command) {
        command.getErr()
                .println(
                        "fissionfusion: out of memory (%s): set FISSIONFUSION_HEAP higher, for example 4g; in a container -Xmx in JDK_JAVA_OPTIONS"
                                .formatted(e.getMessage()));
        command.getErr().flush();
        return FAILED;
    }

    private static int explainUse(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        command.getErr().println("fissionfusion: " + e.getMessage());
        command.getErr().println("see " + command.getCommandSpec().qualifiedName() + " --help");
        if (command.getParent() == null) {
            command.usage(command.getErr());
        }
        return WRONG_USE;
    }

    static int explain(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError lack) { // of a worker, whose failures arrive wrapped
                return explain(lack, command);
            }
        }
        PrintWriter err = command.getErr();
        switch (e) {
            case RequestException _, RunRefused _, PreparationException _, WeightsException _ -> {
                err.println("fissionfusion: " + e.getMessage());
                return WRONG_USE;
            }
            case NoSuchFileException missing -> {
                err.println("fissionfusion: " + missing.getFile() + ": no such file");
                return WRONG_USE;
            }
            case RunStopped _ -> {}
            case InterruptedException _ -> err.println("fissionfusion: stopped; the same command goes on from here");
            default -> {
                err.println("fissionfusion: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
                if (Boolean.getBoolean("fissionfusion.trace")) {
                    e.printStackTrace(err);
                }
            }
        }
        err.flush();
        return FAILED;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
