package standin;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Oracle Net (TNS) as the driver speaks it: CONNECT answered by ACCEPT or REFUSE, then DATA and MARKER
 * packets. What the DATA packets carry is the stand-in's own: frames of a 32-bit length and JSON.
 */
final class TnsWire {
  static final int BREAK = 1;
  static final int RESET = 2;

  private static final int CONNECT_PACKET = 1;
  private static final int ACCEPT_PACKET = 2;
  private static final int REFUSE_PACKET = 4;
  private static final int DATA_PACKET = 6;
  private static final int MARKER_PACKET = 12;
  private static final int HEADER = 8;
  private static final int DATA_START = 10;
  private static final int END_OF_FILE = 0x40;
  /** 4-byte packet lengths, but not yet the data flags that later versions negotiate. */
  private static final int VERSION = 317;
  private static final int SDU = 65_535;
  /** The largest packet that the driver takes, whatever was negotiated. */
  private static final int LARGEST = 2_097_152;
  private static final Pattern SERVICE = Pattern.compile("\\(SERVICE_NAME=([^)]*)\\)", Pattern.CASE_INSENSITIVE);

  /** What came in: a frame of JSON, or a marker. */
  static final class Arrival {
    final String frame;
    final int marker;

    private Arrival(String frame, int marker) {
      this.frame = frame;
      this.marker = marker;
    }
  }

  private final DataInputStream in;
  private final DataOutputStream out;
  private boolean accepted;
  private final Partial partial = new Partial();

  /** What has come of a frame so far. */
  private static final class Partial extends ByteArrayOutputStream {
    String takeFrame() throws IOException {
      if (count < 5) return null;
      if (buf[4] != '{')
        throw new IOException(
            "a driver without its patch; programs that tests spawn need node --require .cache/oracle-stand-in/preload.cjs");
      int length = ByteBuffer.wrap(buf).getInt();
      if (count < 4 + length) return null;
      String frame = new String(buf, 4, length, StandardCharsets.UTF_8);
      System.arraycopy(buf, 4 + length, buf, 0, count - 4 - length);
      count -= 4 + length;
      return frame;
    }
  }

  TnsWire(Socket socket) throws IOException {
    in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream(), 1 << 16));
    out = new DataOutputStream(new java.io.BufferedOutputStream(socket.getOutputStream(), 1 << 16));
  }

  /** True when the client asked for this service; else it has been refused as a listener would. */
  boolean accept(String service) throws IOException {
    ByteBuffer packet = readPacket();
    if (packet.get(4) != CONNECT_PACKET) throw new IOException("the first packet is no CONNECT");
    int length = packet.getShort(24) & 0xffff;
    int offset = packet.getShort(26) & 0xffff;
    String description;
    if (packet.limit() >= offset + length) description = ascii(packet, offset, length);
    else {
      ByteBuffer rest = readPacket();
      description = ascii(rest, DATA_START, rest.limit() - DATA_START);
    }
    Matcher named = SERVICE.matcher(description);
    boolean hasService = named.find();
    if (hasService && named.group(1).equalsIgnoreCase(service)) {
      sendAccept();
      return true;
    }
    sendRefuse(hasService ? 12514 : 12505);
    return false;
  }

  private static String ascii(ByteBuffer packet, int offset, int length) {
    return new String(packet.array(), offset, length, StandardCharsets.US_ASCII);
  }

  private void sendAccept() throws IOException {
    ByteBuffer packet = ByteBuffer.allocate(48);
    packet.putShort(0, (short) 48).put(4, (byte) ACCEPT_PACKET).putShort(8, (short) VERSION);
    packet.putShort(12, (short) SDU).putShort(14, (short) SDU);
    // No native network encryption.
    packet.put(22, (byte) 4).put(23, (byte) 8);
    packet.putInt(32, SDU).putInt(36, SDU);
    send(packet);
    accepted = true;
  }

  private void sendRefuse(int error) throws IOException {
    String text =
        String.format(
            "(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=%d)(ERROR_STACK=(ERROR=(CODE=%d)(EMFI=4))))", error, error);
    ByteBuffer packet = ByteBuffer.allocate(12 + text.length());
    packet.putShort(0, (short) packet.limit()).put(4, (byte) REFUSE_PACKET);
    packet.putShort(10, (short) text.length());
    packet.position(12).put(text.getBytes(StandardCharsets.US_ASCII));
    send(packet);
  }

  /** @return null when the client has gone */
  Arrival receive() throws IOException {
    while (true) {
      String frame = partial.takeFrame();
      if (frame != null) return new Arrival(frame, 0);
      ByteBuffer packet;
      try {
        packet = readPacket();
      } catch (EOFException gone) {
        return null;
      }
      if (packet.get(4) == MARKER_PACKET) {
        partial.reset();
        // The driver breaks with an interrupt marker (3), and resets with 2.
        return new Arrival(null, packet.get(10) == RESET ? RESET : BREAK);
      }
      if (packet.get(4) != DATA_PACKET) throw new IOException("unexpected packet of type " + packet.get(4));
      if ((packet.getShort(8) & END_OF_FILE) != 0) return null;
      partial.write(packet.array(), DATA_START, packet.limit() - DATA_START);
    }
  }

  synchronized void sendFrame(String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer frame = ByteBuffer.allocate(4 + bytes.length).putInt(bytes.length).put(bytes);
    int room = LARGEST - DATA_START;
    for (int start = 0; start < frame.limit(); start += room) {
      int length = Math.min(room, frame.limit() - start);
      ByteBuffer packet = ByteBuffer.allocate(DATA_START + length);
      packet.putInt(0, packet.limit()).put(4, (byte) DATA_PACKET);
      packet.position(DATA_START).put(frame.array(), start, length);
      out.write(packet.array());
    }
    out.flush();
  }

  synchronized void sendMarker(int marker) throws IOException {
    ByteBuffer packet = ByteBuffer.allocate(11);
    packet.putInt(0, 11).put(4, (byte) MARKER_PACKET).put(8, (byte) 1).put(10, (byte) marker);
    send(packet);
  }

  private synchronized void send(ByteBuffer packet) throws IOException {
    out.write(packet.array());
    out.flush();
  }

  private ByteBuffer readPacket() throws IOException {
    byte[] header = new byte[HEADER];
    in.readFully(header);
    ByteBuffer head = ByteBuffer.wrap(header);
    int length = accepted ? head.getInt(0) : head.getShort(0) & 0xffff;
    if (length < HEADER || length > LARGEST) throw new IOException("a packet of " + length + " bytes");
    byte[] packet = new byte[length];
    System.arraycopy(header, 0, packet, 0, HEADER);
    in.readFully(packet, HEADER, length - HEADER);
    return ByteBuffer.wrap(packet);
  }
}
