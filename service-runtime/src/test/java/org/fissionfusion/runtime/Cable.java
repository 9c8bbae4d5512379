package org.fissionfusion.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** The line between a client and a server, which can be cut, held, and made to lose answers. */
final class Cable implements AutoCloseable {
    private final ServerSocket listening;
    private final URI target;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final AtomicLong bytesUntilCut = new AtomicLong(Long.MAX_VALUE);
    private volatile CountDownLatch reached = new CountDownLatch(1);
    private volatile boolean held;
    private volatile boolean loseNextAnswer;

    Cable(URI target) throws IOException {
        this.target = target;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    /** Cuts every connection once so many more bytes have gone to the server. */
    void cutAfter(long bytes) {
        reached = new CountDownLatch(1);
        bytesUntilCut.set(bytes);
    }

    /** Waits until the cut. */
    void awaitCut() throws InterruptedException {
        reached.await();
    }

    /** Lets everything through again. */
    void mend() {
        bytesUntilCut.set(Long.MAX_VALUE);
        held = false;
    }

    /** Takes bytes, and hands none on. */
    void hold() {
        held = true;
    }

    /** The server gets the next request whole; its answer is lost with the connection. */
    void loseNextAnswer() {
        loseNextAnswer = true;
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                open.add(client);
                Socket server = new Socket(target.getHost(), target.getPort());
                open.add(server);
                start(() -> carry(client, server, true));
                start(() -> carry(server, client, false));
            } catch (IOException e) {
                // closed, or no server: the client's connection ends without an answer
                cut();
            }
        }
    }

    private static void start(Runnable work) {
        Thread.ofVirtual().start(work);
    }

    private void carry(Socket from, Socket to, boolean up) {
        byte[] buffer = new byte[8192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                while (held) {
                    Thread.sleep(5);
                }
                if (!up && loseNextAnswer) {
                    loseNextAnswer = false;
                    return;
                }
                if (up && bytesUntilCut.addAndGet(-read) < 0) {
                    reached.countDown();
                    return;
                }
                out.write(buffer, 0, read);
                out.flush();
            }
        } catch (IOException e) {
            // the other direction closed both
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void cut() {
        for (Socket socket : open) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
        open.clear();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
    }
}
