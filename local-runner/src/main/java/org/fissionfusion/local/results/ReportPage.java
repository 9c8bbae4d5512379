package org.fissionfusion.local.results;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Writes report.html: one page without outside references. The results travel in it as JSON and are put on the page as
 * text nodes only, so that nothing a user named can become markup.
 */
public final class ReportPage {
    private static final String CHARTS = "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js";
    private static final String PAGE = "/org/fissionfusion/local/report.html";
    private static final String SCRIPT = "/org/fissionfusion/local/report.js";

    private ReportPage() {}

    public static void write(Path file, JsonNode results) throws IOException {
        String page = resource(PAGE)
                .replace("<!--RESULTS-->", embedded(new ObjectMapper().writeValueAsString(results)))
                .replace("/*REPORT*/", resource(SCRIPT))
                .replace("/*CHARTS*/", resource(CHARTS));
        ResultsFile.writeAtomically(file, page);
    }

    /** JSON that can stand between script tags: no character in it opens or closes a tag. */
    static String embedded(String json) {
        return json.replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .replace("*", "\\u002a")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new FileNotFoundException("not on the class path: " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
