package org.fissionfusion.schemas;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;

/** A registry in memory, for tests; every client of one scope sees the same. */
public final class MockSchemaRegistry implements SchemaRegistry {
    static final String SCHEME = "mock://";
    private static final Map<String, MockSchemaRegistry> SCOPES = new ConcurrentHashMap<>();

    private final List<Schema> schemas = new ArrayList<>();
    private final Map<String, List<Integer>> versions = new HashMap<>();

    private MockSchemaRegistry() {}

    static MockSchemaRegistry scope(String url) {
        return SCOPES.computeIfAbsent(url, key -> new MockSchemaRegistry());
    }

    @Override
    public synchronized int register(String subject, Schema schema) {
        if (!schemas.contains(schema)) {
            schemas.add(schema);
        }
        int id = schemas.indexOf(schema) + 1;
        List<Integer> ids = versions.computeIfAbsent(subject, key -> new ArrayList<>());
        if (!ids.contains(id)) {
            ids.add(id);
        }
        return id;
    }

    @Override
    public synchronized int idOf(String subject, Schema schema) {
        int id = schemas.indexOf(schema) + 1;
        if (!versions.getOrDefault(subject, List.of()).contains(id)) {
            throw new UnknownSchemaException(subject + " has no version " + schema.getFullName());
        }
        return id;
    }

    @Override
    public synchronized Registered latest(String subject) {
        List<Integer> ids = versions.getOrDefault(subject, List.of());
        if (ids.isEmpty()) {
            throw new UnknownSchemaException("no subject " + subject);
        }
        return new Registered(ids.getLast(), byId(ids.getLast()));
    }

    @Override
    public synchronized Schema byId(int id) {
        if (id < 1 || id > schemas.size()) {
            throw new UnknownSchemaException("no schema with id " + id);
        }
        return schemas.get(id - 1);
    }
}
