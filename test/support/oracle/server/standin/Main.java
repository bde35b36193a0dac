package standin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The stand-in's server. Arguments: the port to listen on (0 takes any) and the password of SYSTEM. Tells
 * on standard output where it listens, as one line of JSON; answers the line `statements` on standard
 * input with all statements it has seen; ends when standard input does.
 */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) throws IOException {
    ServerSocket listener =
        new ServerSocket(Integer.parseInt(arguments[0]), 200, InetAddress.getByName("127.0.0.1"));
    Instance instance = new Instance(arguments[1]);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println(Json.write(Map.of("port", listener.getLocalPort(), "h2", instance.h2Version())));
    Thread control = new Thread(() -> control(instance, out), "control");
    control.start();
    while (true) {
      Socket socket = listener.accept();
      socket.setTcpNoDelay(true);
      Thread thread = new Thread(() -> new Session(instance, socket).run(), "session");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private static void control(Instance instance, PrintStream out) {
    try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line; (line = in.readLine()) != null; ) {
        if (line.equals("statements")) out.println(Json.write(List.copyOf(instance.statements())));
      }
    } catch (IOException gone) {
      System.err.println("standard input broke: " + gone.getMessage());
    }
    // Whoever started the server is gone, or wants it to go.
    Runtime.getRuntime().halt(0);
  }
}
