package org.fissionfusion.schemas;

import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;

/**
 * Where schemas have their ids. {@code schema.registry.url} chooses: {@code bundled://} is the checked-in table,
 * {@code mock://scope} lives in memory, {@code http(s)://} speaks Confluent's REST API.
 */
public sealed interface SchemaRegistry permits BundledSchemaRegistry, MockSchemaRegistry, RestSchemaRegistry {

    /** A schema and its id. */
    record Registered(int id, Schema schema) {}

    /** Registers the schema under the subject, or finds it there. */
    int register(String subject, Schema schema);

    /**
     * The id of the schema.
     *
     * @throws UnknownSchemaException when the subject has no such schema
     */
    int idOf(String subject, Schema schema);

    /** The newest schema of the subject. */
    Registered latest(String subject);

    /**
     * The schema of the id.
     *
     * @throws UnknownSchemaException when there is no such id
     */
    Schema byId(int id);

    /** The registry that Confluent's configuration keys ask for; {@code bundled://} when they ask for none. */
    static SchemaRegistry from(Map<String, ?> config) {
        String url = Objects.toString(config.get(RegistryConfig.URL), BundledSchemaRegistry.URL);
        if (url.startsWith(BundledSchemaRegistry.URL)) {
            return BundledSchemaRegistry.INSTANCE;
        }
        if (url.startsWith(MockSchemaRegistry.SCHEME)) {
            return MockSchemaRegistry.scope(url);
        }
        return new RestSchemaRegistry(RegistryConfig.from(config));
    }
}
