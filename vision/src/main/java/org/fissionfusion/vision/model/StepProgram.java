package org.fissionfusion.vision.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The TorchScript source of a network: its logits and a whole training step, in one call or, to accumulate gradients,
 * in one call per part and one for the update.
 *
 * <p>A step takes images, labels (of findings 2 x N x T: targets and the factors of their losses), float64 numbers (their places are the constants here), all weights by name, and for
 * each group of trained parameters four lists: parameters, first moments, second moments, step counts. It updates them
 * in place with PyTorch's fused AdamW and returns the loss before the update.
 *
 * <p>The updates stand at the top level and on the lists as given: the engine takes an update of a slice, or one below
 * an {@code if}, for dead code and drops it.
 */
public final class StepProgram {
    /** Gradients and update in one call. */
    static final String STEP = "train_step";

    /** Logits with the statistics of the batch, which move the running ones; no gradients. */
    static final String OBSERVE = "observe";

    /** Adds the gradients of a part to the lists a. */
    static final String GATHER = "gather";

    /** Updates by the gradients in the lists a and makes them zero. */
    static final String APPLY = "apply";

    /** Copies the list source into the list target. */
    static final String COPY = "copy";

    /** Places of the numbers. */
    public static final int RATE = 0;

    public static final int DECAY = 1;
    public static final int BETA1 = 2;
    public static final int BETA2 = 3;
    public static final int EPSILON = 4;
    public static final int BATCH_STATISTICS = 5;
    public static final int DIVISOR = 6;
    public static final int CLIP = 7;
    public static final int AVERAGE_MOVES = 8;
    public static final int NUMBERS = 9;

    /** Where the weights of the classes are among the weights. */
    public static final String CLASS_WEIGHTS = "loss.class_weights";

    /** Where the scaled logarithms of the class frequencies are among the weights. */
    public static final String LOG_PRIORS = "loss.log_priors";

    private static final String NET = """
            class Net(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              def net(self: __torch__.Net, x: Tensor, w: Dict[str, Tensor], bn_train: bool) -> Tensor:
            """;

    private static final String FORWARD = """
              def forward(self: __torch__.Net, x: Tensor, w: Dict[str, Tensor]) -> Tensor:
                return (self).net(x, w, False, )
              def observe(self: __torch__.Net, x: Tensor, w: Dict[str, Tensor]) -> Tensor:
                return (self).net(x, w, True, )
            """;

    private static final String COPY_TEXT = """
              def copy(self: __torch__.Net, source: List[Tensor], target: List[Tensor]) -> Tensor:
                torch._foreach_copy_(target, source)
                return torch.zeros([1])
            """;

    private final StepSpec spec;
    private final StringBuilder text = new StringBuilder();

    private StepProgram(StepSpec spec) {
        this.spec = spec;
    }

    static String of(Architecture architecture, Computation computation, StepSpec spec, boolean onHost) {
        StepProgram program = new StepProgram(spec);
        program.text
                .append(NET)
                .append(architecture.body(computation, onHost))
                .append(FORWARD)
                .append(COPY_TEXT);
        if (spec.accumulates()) {
            program.gather();
            program.apply();
        } else {
            program.step();
        }
        return program.text.toString();
    }

    /** The name of a group's list of parameters (p), moments (m, v), step counts (s) or summed gradients (a). */
    public static String list(String kind, int group) {
        return group == 0 ? kind : kind + group;
    }

    private void step() {
        List<String> arguments = new ArrayList<>(List.of("x: Tensor", "y: Tensor", "hp: Tensor"));
        arguments.add("w: Dict[str, Tensor]");
        updatedLists(arguments);
        begin(STEP, arguments);
        gradients();
        line("_2 = torch.set_grad_enabled(False)");
        update("g_p");
        line("_3 = torch.set_grad_enabled(True)");
        line("return torch.detach(loss)");
    }

    private void gather() {
        List<String> arguments = new ArrayList<>(List.of("x: Tensor", "y: Tensor", "hp: Tensor"));
        arguments.add("w: Dict[str, Tensor]");
        groups(k -> list("p", k)).forEach(name -> arguments.add(name + ": List[Tensor]"));
        groups(k -> list("a", k)).forEach(name -> arguments.add(name + ": List[Tensor]"));
        begin(GATHER, arguments);
        gradients();
        line("_2 = torch.set_grad_enabled(False)");
        for (int k = 0; k < spec.groups().size(); k++) {
            line("torch._foreach_add_(" + list("a", k) + ", " + list("g_p", k) + ")");
        }
        line("_3 = torch.set_grad_enabled(True)");
        line("return torch.detach(loss)");
    }

    private void apply() {
        List<String> arguments = new ArrayList<>(List.of("hp: Tensor"));
        updatedLists(arguments);
        groups(k -> list("a", k)).forEach(name -> arguments.add(name + ": List[Tensor]"));
        begin(APPLY, arguments);
        line("_2 = torch.set_grad_enabled(False)");
        update("a");
        for (int k = 0; k < spec.groups().size(); k++) {
            line("torch._foreach_zero_(" + list("a", k) + ")");
        }
        line("_3 = torch.set_grad_enabled(True)");
        line("return torch.detach(hp)");
    }

    private void updatedLists(List<String> arguments) {
        for (int k = 0; k < spec.groups().size(); k++) {
            for (String kind : List.of("p", "m", "v", "s")) {
                arguments.add(list(kind, k) + ": List[Tensor]");
            }
        }
        if (spec.averages()) {
            arguments.add("now: List[Tensor]");
            arguments.add("avg: List[Tensor]");
        }
    }

    private void begin(String name, List<String> arguments) {
        text.append("  def %s(self: __torch__.Net, %s) -> Tensor:\n".formatted(name, String.join(", ", arguments)));
    }

    private void line(String statement) {
        text.append("    ").append(statement).append('\n');
    }

    private static String number(int place) {
        return "float(torch.select(hp, 0, " + place + "))";
    }

    private List<String> groups(IntFunction<String> name) {
        return IntStream.range(0, spec.groups().size()).mapToObj(name).toList();
    }

    /** All groups' lists in one. */
    private String joined(String kind) {
        return groups(k -> list(kind, k)).stream()
                .reduce((a, b) -> "torch.add(" + a + ", " + b + ")")
                .orElseThrow();
    }

    private void gradients() {
        line("out = (self).net(x, w, torch.gt(" + number(BATCH_STATISTICS) + ", 0.5), )");
        line("loss = " + loss());
        line("gs = torch.autograd.grad([loss], " + joined("p") + ")");
        groups(k -> list("g_p", k)).forEach(name -> line(name + " = annotate(List[Tensor], [])"));
        line("for i in range(torch.len(gs)):");
        line("  g = gs[i]");
        line("  if torch.__isnot__(g, None):");
        line("    g0 = unchecked_cast(Tensor, g)");
        append(0, "torch.len(p)", "    ");
        line("  else:");
        line("    pass");
    }

    /** Sorts a gradient into its group: the parameters of all groups were given in order. */
    private void append(int group, String end, String indent) {
        String append = "_1 = torch.append(" + list("g_p", group) + ", torch.contiguous(g0))";
        if (group == spec.groups().size() - 1) {
            line(indent + append);
            return;
        }
        line(indent + "if torch.lt(i, " + end + "):");
        line(indent + "  " + append);
        line(indent + "else:");
        append(group + 1, "torch.add(" + end + ", torch.len(" + list("p", group + 1) + "))", indent + "  ");
    }

    private String loss() {
        if (spec.loss().findings()) {
            return "torch.binary_cross_entropy_with_logits(out, torch.select(y, 0, 0), torch.select(y, 0, 1), None, 2)";
        }
        if (!spec.sums()) {
            return "torch.cross_entropy_loss(out, y)";
        }
        StepSpec.Loss loss = spec.loss();
        String logits = loss.adjusted() ? "torch.add(out, w[\"" + LOG_PRIORS + "\"])" : "out";
        String weights = loss.classWeighted() ? "w[\"" + CLASS_WEIGHTS + "\"]" : "None";
        return "torch.div(torch.cross_entropy_loss(%s, y, %s, 2, -100, %s), %s)"
                .formatted(logits, weights, loss.smoothing(), number(DIVISOR));
    }

    private void update(String gradients) {
        String used = gradients;
        if (spec.clips()) {
            used = "c_p";
            line("norm = torch.norm(torch.stack(torch._foreach_norm(" + joined(gradients) + ", 2.)))");
            line("scale = float(torch.clamp(torch.mul(torch.reciprocal(torch.add(norm, 1.0e-06)), " + number(CLIP)
                    + "), None, 1.))");
            for (int k = 0; k < spec.groups().size(); k++) {
                line(list(used, k) + " = torch._foreach_mul(" + list(gradients, k) + ", scale)");
            }
        }
        for (int k = 0; k < spec.groups().size(); k++) {
            adamW(k, list(used, k));
        }
        if (spec.averages()) {
            line("torch._foreach_lerp_(avg, now, " + number(AVERAGE_MOVES) + ")");
        }
    }

    private void adamW(int k, String gradients) {
        StepSpec.Group group = spec.groups().get(k);
        String rate =
                group.rateFactor() == 1 ? number(RATE) : "torch.mul(" + number(RATE) + ", " + group.rateFactor() + ")";
        line("torch._foreach_add_(" + list("s", k) + ", 1.)");
        line("torch._fused_adamw_("
                + String.join(", ", list("p", k), gradients, list("m", k), list("v", k))
                + ", annotate(List[Tensor], []), " + list("s", k) + ", lr=" + rate + ", beta1=" + number(BETA1)
                + ", beta2=" + number(BETA2) + ", weight_decay=" + (group.decays() ? number(DECAY) : "0.") + ", eps="
                + number(EPSILON) + ", amsgrad=False, maximize=False)");
    }
}
