import { Answers, type Answer } from './answers.js';
import { type Internals, type Message, type NetworkSession, loadInternals } from './internals.js';
import { Requests } from './requests.js';
import { SERVICE } from '../service.js';
import { Values } from './values.js';

const PATCHED = Symbol.for('dbtool.oracle-stand-in');
const MAX_STRING_BYTES = 4000;

/**
 * Makes the thin driver speak to the stand-in on connections to its service, and leaves all others as
 * they are. Oracle Net itself (connecting, packets, breaks) stays the driver's own; what is replaced is
 * how a message is written into its packets and read from them.
 *
 * @param load loads a module by its path below the driver's folder lib/
 */
export function patchDriver(load: (path: string) => unknown): void {
  const driver = loadInternals(load);
  const { Protocol, Message } = driver;
  if (PATCHED in Protocol.prototype) return;
  Object.defineProperty(Protocol.prototype, PATCHED, { value: true });
  const values = new Values(driver);
  const requests = new Requests(driver, values);
  const answers = new Answers(driver, values, requests);

  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const encodeMessage = Protocol.prototype._encodeMessage;
  Protocol.prototype._encodeMessage = async function (message: Message): Promise<void> {
    if (!isStandIn(driver, this.nsi)) {
      await encodeMessage.call(this, message);
      return;
    }
    const frame = Buffer.from(JSON.stringify(requests.of(message)));
    this.writeBuf.startRequest(driver.constants['TNS_PACKET_TYPE_DATA'] ?? 0);
    this.writeBuf.writeUInt32BE(frame.length);
    this.writeBuf.writeBytes(frame);
    this.writeBuf.endRequest();
  };

  // eslint-disable-next-line @typescript-eslint/unbound-method -- as above
  const decode = Message.prototype.decode;
  Message.prototype.decode = function (buffer): void {
    if (!isStandIn(driver, this.connection.nscon)) {
      decode.call(this, buffer);
      return;
    }
    // Throws when a packet is still to come; the driver then comes back here with it.
    buffer.savePoint();
    const frame = buffer.readBytes(buffer.readUInt32BE());
    buffer.caps.maxStringSize = MAX_STRING_BYTES;
    buffer.caps.ttcFieldVersion = driver.constants['TNS_CCAP_FIELD_VERSION_19_1'] ?? 0;
    answers.apply(this, JSON.parse(frame.toString()) as Answer);
  };
}

function isStandIn(driver: Internals, { cDataNVPair }: NetworkSession): boolean {
  if (cDataNVPair === undefined) return false;
  const path = ['DESCRIPTION', 'CONNECT_DATA', 'SERVICE_NAME'];
  return driver.findValue(cDataNVPair, path)?.toUpperCase() === SERVICE;
}
