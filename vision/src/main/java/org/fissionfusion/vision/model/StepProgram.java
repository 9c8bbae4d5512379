package org.fissionfusion.vision.model;

/**
 * The TorchScript source of a network: {@code predict} and a whole training step.
 *
 * <p>{@code train_step} takes images, labels, seven float64 numbers (rate, weight decay, beta1,
 * beta2, epsilon, how many decay, BatchNorm by batch), all weights by name, and, for the
 * trained ones, decaying ones first: parameters, first moments, second moments, step counts. It updates them in place
 * with PyTorch's fused AdamW and returns the mean cross-entropy before the update.
 */
final class StepProgram {
    private static final String SOURCE = """
            class Net(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              def net(self: __torch__.Net, x: Tensor, w: Dict[str, Tensor], bn_train: bool) -> Tensor:
            %s\
              def forward(self: __torch__.Net, x: Tensor, w: Dict[str, Tensor]) -> Tensor:
                return (self).net(x, w, False, )
              def train_step(self: __torch__.Net, x: Tensor, y: Tensor, hp: Tensor, w: Dict[str, Tensor], \
            p: List[Tensor], m: List[Tensor], v: List[Tensor], st: List[Tensor]) -> Tensor:
                out = (self).net(x, w, torch.gt(float(torch.select(hp, 0, 6)), 0.5), )
                loss = torch.cross_entropy_loss(out, y)
                gs = torch.autograd.grad([loss], p)
                grads = annotate(List[Tensor], [])
                for i in range(torch.len(gs)):
                  g = gs[i]
                  if torch.__isnot__(g, None):
                    g0 = unchecked_cast(Tensor, g)
                    _1 = torch.append(grads, torch.contiguous(g0))
                  else:
                    pass
                _2 = torch.set_grad_enabled(False)
                torch._foreach_add_(st, 1.)
                n = int(torch.select(hp, 0, 5))
                if torch.gt(n, 0):
            %s\
                else:
                  pass
                if torch.lt(n, torch.len(p)):
            %s\
                else:
                  pass
                _3 = torch.set_grad_enabled(True)
                return torch.detach(loss)
            """;

    private StepProgram() {}

    static String of(Architecture architecture) {
        String decaying = update("None, n, 1", "float(torch.select(hp, 0, 1))");
        String spared = update("n, None, 1", "0.");
        return SOURCE.formatted(architecture.body(), decaying, spared);
    }

    private static String update(String range, String decay) {
        StringBuilder lists = new StringBuilder();
        for (String list : new String[] {"p", "grads", "m", "v", "st"}) {
            lists.append("torch.slice(").append(list).append(", ").append(range).append("), ");
            if (list.equals("v")) {
                lists.append("annotate(List[Tensor], []), ");
            }
        }
        return "      torch._fused_adamw_(" + lists + "lr=float(torch.select(hp, 0, 0)), "
                + "beta1=float(torch.select(hp, 0, 2)), beta2=float(torch.select(hp, 0, 3)), weight_decay=" + decay
                + ", eps=float(torch.select(hp, 0, 4)), amsgrad=False, maximize=False)\n";
    }
}
