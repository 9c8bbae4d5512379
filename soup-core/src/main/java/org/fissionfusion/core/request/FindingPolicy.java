package org.fissionfusion.core.request;

/**
 * What is made of findings that a report does not decide (method.md section 3, CheXpert), in training and in scoring.
 *
 * @param uncertain of findings that the report neither states nor denies
 * @param blank of findings that it does not mention
 */
public record FindingPolicy(Uncertain uncertain, Blank blank) {
    /** The paper's: nobody learns and nobody is scored by them. */
    public static final FindingPolicy PAPER = new FindingPolicy(Uncertain.IGNORE, Blank.IGNORE);

    /** For uncertain findings. */
    public enum Uncertain {
        IGNORE("ignore"),
        ZEROS("zeros"),
        ONES("ones");

        private final String wireName;

        Uncertain(String wireName) {
            this.wireName = wireName;
        }

        /** The name in requests. */
        public String wireName() {
            return wireName;
        }
    }

    /** For findings that are not mentioned. */
    public enum Blank {
        IGNORE("ignore"),
        ZEROS("zeros");

        private final String wireName;

        Blank(String wireName) {
            this.wireName = wireName;
        }

        /** The name in requests. */
        public String wireName() {
            return wireName;
        }
    }
}
