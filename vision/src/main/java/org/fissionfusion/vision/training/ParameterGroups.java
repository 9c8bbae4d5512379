package org.fissionfusion.vision.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.fissionfusion.vision.model.ModelTensor;
import org.fissionfusion.vision.model.StepSpec;

/** The trained tensors by how they are updated, in the order in which the groups first appear. */
record ParameterGroups(Map<StepSpec.Group, List<ModelTensor>> tensors) {
    private static final Pattern BLOCK = Pattern.compile("(blocks\\.\\d+|layer\\d+\\.\\d+)\\..*");

    static ParameterGroups of(TrainingPlan plan) {
        List<ModelTensor> all = plan.architecture().tensors(plan.classes());
        List<Integer> layers = layers(all);
        int top = layers.stream().mapToInt(Integer::intValue).max().orElse(0);
        Map<StepSpec.Group, List<ModelTensor>> groups = new LinkedHashMap<>();
        for (int i = 0; i < all.size(); i++) {
            ModelTensor tensor = all.get(i);
            if (tensor.trained() && (tensor.head() || !plan.headOnly())) {
                double factor = Math.pow(plan.refinements().layerDecay(), top - layers.get(i));
                boolean decays = !plan.optimizer().spareNormsAndBiases() || tensor.kind() == ModelTensor.Kind.WEIGHT;
                groups.computeIfAbsent(new StepSpec.Group(factor, decays), _ -> new ArrayList<>())
                        .add(tensor);
            }
        }
        return new ParameterGroups(groups);
    }

    /** As timm counts: what comes before the blocks is 0, then each block, what follows them joins the last, the head. */
    private static List<Integer> layers(List<ModelTensor> tensors) {
        List<Integer> layers = new ArrayList<>();
        String block = "";
        int layer = 0;
        for (ModelTensor tensor : tensors) {
            Matcher matcher = BLOCK.matcher(tensor.name());
            if (matcher.matches() && !matcher.group(1).equals(block)) {
                block = matcher.group(1);
                layer++;
            }
            layers.add(tensor.head() ? layer + 1 : layer);
        }
        return layers;
    }

    List<StepSpec.Group> groups() {
        return List.copyOf(tensors.keySet());
    }
}
