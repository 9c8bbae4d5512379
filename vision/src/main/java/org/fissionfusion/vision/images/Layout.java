package org.fissionfusion.vision.images;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** How a data set lies on disk when it was downloaded and unpacked. docs/datasets.md tells where from. */
public enum Layout {
    CIFAR_10("cifar-10", "none stated; cite Krizhevsky 2009", Division.VALIDATION_TENTH, Cifar::isTen, Cifar::ten),
    CIFAR_100(
            "cifar-100",
            "none stated; cite Krizhevsky 2009",
            Division.VALIDATION_TENTH,
            Cifar::isHundred,
            Cifar::hundred),
    CIFAR_10_1("cifar-10.1", "MIT", Division.TEST_ONLY, Cifar::isTenOne, Cifar::tenOne),
    ISIC_2018("isic-2018", "CC BY-NC 4.0", Division.OFFICIAL, Isic2018::matches, Isic2018::list),
    APTOS_2019("aptos-2019", "Kaggle competition rules", Division.TENTHS, Fundus::isAptos, Fundus::aptos),
    EYEPACS("eyepacs", "Kaggle competition rules", Division.TENTHS, Fundus::isEyePacs, Fundus::eyePacs),
    MESSIDOR(
            "messidor",
            "research and education only; see ADCIS",
            Division.TEST_ONLY,
            Fundus::isMessidor,
            Fundus::messidor),
    MESSIDOR_2(
            "messidor-2",
            "research and education only; see ADCIS",
            Division.TEST_ONLY,
            Fundus::isMessidor2,
            Fundus::messidor2),
    IDRID("idrid", "CC BY 4.0", Division.VALIDATION_TENTH, Idrid::matches, Idrid::list),
    RSNA_PNEUMONIA(
            "rsna-pneumonia",
            "RSNA terms of use, non-commercial",
            Division.TENTHS,
            RsnaPneumonia::matches,
            RsnaPneumonia::list),
    CHEXPERT(
            "chexpert",
            "Stanford University Dataset Research Use Agreement",
            Division.OFFICIAL,
            ChestFindings::isChexpert,
            ChestFindings::chexpert),
    MIMIC_CXR(
            "mimic-cxr",
            "PhysioNet Credentialed Health Data License 1.5.0",
            Division.OFFICIAL,
            ChestFindings::isMimic,
            ChestFindings::mimic);

    /** What the source itself says about splits. */
    enum Division {
        /** All there are. */
        OFFICIAL,
        /** All are for testing. */
        TEST_ONLY,
        /** Nothing: 80/10/10. */
        TENTHS,
        /** Training and test only: a tenth of training becomes validation. */
        VALIDATION_TENTH
    }

    @FunctionalInterface
    private interface Matcher {
        boolean matches(Path root);
    }

    @FunctionalInterface
    private interface Lister {
        Listing list(Path root) throws PreparationException;
    }

    private final String wireName;
    private final String licence;
    private final Division division;

    @SuppressWarnings("ImmutableEnumChecker") // method references without state
    private final Matcher matcher;

    @SuppressWarnings("ImmutableEnumChecker") // method references without state
    private final Lister lister;

    Layout(String wireName, String licence, Division division, Matcher matcher, Lister lister) {
        this.wireName = wireName;
        this.licence = licence;
        this.division = division;
        this.matcher = matcher;
        this.lister = lister;
    }

    /** As it is called on the command line. */
    public String wireName() {
        return wireName;
    }

    /** The terms as the publisher states them; a hint, not advice. */
    public String licence() {
        return licence;
    }

    /** Whether all its pictures are for testing. */
    public boolean testOnly() {
        return division == Division.TEST_ONLY;
    }

    /** Whether a seed draws some of its splits. */
    boolean drawsSplits() {
        return division == Division.TENTHS || division == Division.VALIDATION_TENTH;
    }

    /** Whether its pictures become squares of the wanted size; the others keep theirs. */
    boolean resized() {
        return switch (this) {
            case CIFAR_10, CIFAR_100, CIFAR_10_1 -> false;
            case ISIC_2018, APTOS_2019, EYEPACS, MESSIDOR, MESSIDOR_2, IDRID, RSNA_PNEUMONIA, CHEXPERT, MIMIC_CXR ->
                true;
        };
    }

    Division division() {
        return division;
    }

    Listing list(Path root) throws PreparationException {
        if (!Files.isDirectory(root)) {
            throw new PreparationException(root + ": is no folder of " + wireName);
        }
        return lister.list(root);
    }

    public static Layout named(String wireName) {
        return Arrays.stream(values())
                .filter(layout -> layout.wireName.equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("layout '%s' is none of %s"
                        .formatted(
                                wireName,
                                Arrays.stream(values()).map(Layout::wireName).collect(Collectors.joining(", ")))));
    }

    /** The layouts that a folder looks like: at most one, unless folders were mixed. */
    static List<Layout> matching(Path root) {
        return Arrays.stream(values())
                .filter(layout -> layout.matcher.matches(root))
                .toList();
    }
}
