package org.fissionfusion.runtime;

/**
 * Where a service answers health requests.
 *
 * @param host address to bind; the local machine only unless said otherwise
 * @param port 0 takes a free one
 */
public record HttpSettings(String host, int port) {

    public HttpSettings {
        if (port < 0 || port > 65535) {
            throw new ConfigException("http.port", Integer.toString(port), "0 to 65535");
        }
    }
}
