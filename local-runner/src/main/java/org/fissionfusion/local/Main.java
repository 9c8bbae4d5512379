package org.fissionfusion.local;

import org.fissionfusion.local.cli.FissionFusion;

/** Where the launcher script enters. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(FissionFusion.execute(arguments));
    }
}
