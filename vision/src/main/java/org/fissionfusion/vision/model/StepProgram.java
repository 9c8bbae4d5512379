package org.fissionfusion.vision.model;

/**
 * The TorchScript source of a network: its logits and two ways to take a whole training step.
 *
 * <p>A step takes images, labels, six float64 numbers (rate, weight decay, beta1, beta2, epsilon, BatchNorm by batch),
 * all weights by name, and for each group of trained ones four lists: parameters, first moments, second moments, step
 * counts. It updates them in place with PyTorch's fused AdamW and returns the mean cross-entropy before the update.
 *
 * <p>The updates stand at the top level and on the lists as given: the engine takes an update of a slice, or one below
 * an {@code if}, for dead code and drops it.
 */
@SuppressWarnings("InlineFormatString") // programs read best in one piece, apart from what fills them
final class StepProgram {
    /** Every trained parameter decays. */
    static final String ONE_GROUP = "train_step";

    /** A second group of parameters does not. */
    static final String TWO_GROUPS = "train_step_sparing";

    private static final String NET = """
            class Net(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              def net(self: __torch__.Net, x: Tensor, w: Dict[str, Tensor], bn_train: bool) -> Tensor:
            %s\
              def forward(self: __torch__.Net, x: Tensor, w: Dict[str, Tensor]) -> Tensor:
                return (self).net(x, w, False, )
            """;

    private static final String STEP = """
              def %s(self: __torch__.Net, x: Tensor, y: Tensor, hp: Tensor, w: Dict[str, Tensor], %s) -> Tensor:
                out = (self).net(x, w, torch.gt(float(torch.select(hp, 0, 5)), 0.5), )
                loss = torch.cross_entropy_loss(out, y)
            %s\
                _2 = torch.set_grad_enabled(False)
            %s\
                _3 = torch.set_grad_enabled(True)
                return torch.detach(loss)
            """;

    private static final String GRADIENTS = """
                gs = torch.autograd.grad([loss], %1$s)
            %2$s\
                for i in range(torch.len(gs)):
                  g = gs[i]
                  if torch.__isnot__(g, None):
                    g0 = unchecked_cast(Tensor, g)
            %3$s\
                  else:
                    pass
            """;

    private static final String APPEND = "        _1 = torch.append(g_p, torch.contiguous(g0))\n";

    private static final String APPEND_TO_EITHER = """
                    if torch.lt(i, torch.len(p)):
                      _1 = torch.append(g_p, torch.contiguous(g0))
                    else:
                      _1 = torch.append(g_q, torch.contiguous(g0))
            """;

    private StepProgram() {}

    static String of(Architecture architecture, Computation computation) {
        String decay = "float(torch.select(hp, 0, 1))";
        String one = STEP.formatted(
                ONE_GROUP,
                lists("p", "m", "v", "s"),
                GRADIENTS.formatted("p", empty("g_p"), APPEND),
                update("p", "m", "v", "s", decay));
        String two = STEP.formatted(
                TWO_GROUPS,
                lists("p", "m", "v", "s") + ", " + lists("q", "qm", "qv", "qs"),
                GRADIENTS.formatted("torch.add(p, q)", empty("g_p") + empty("g_q"), APPEND_TO_EITHER),
                update("p", "m", "v", "s", decay) + update("q", "qm", "qv", "qs", "0."));
        return NET.formatted(architecture.body(computation)) + one + two;
    }

    private static String lists(String... names) {
        return String.join(": List[Tensor], ", names) + ": List[Tensor]";
    }

    private static String empty(String list) {
        return "    " + list + " = annotate(List[Tensor], [])\n";
    }

    private static String update(String values, String first, String second, String counts, String decay) {
        return "    torch._foreach_add_(" + counts + ", 1.)\n    torch._fused_adamw_("
                + String.join(", ", values, "g_" + values, first, second, "annotate(List[Tensor], [])", counts)
                + ", lr=float(torch.select(hp, 0, 0)), beta1=float(torch.select(hp, 0, 2)), "
                + "beta2=float(torch.select(hp, 0, 3)), weight_decay=" + decay
                + ", eps=float(torch.select(hp, 0, 4)), amsgrad=False, maximize=False)\n";
    }
}
