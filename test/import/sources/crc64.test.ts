import { describe, expect, it } from '@jest/globals';
import { Crc64 } from '../../../src/import/sources/crc64.js';

function crcOf(...parts: string[]): string {
  const crc = new Crc64();
  for (const part of parts) crc.update(Buffer.from(part));
  return crc.value().toString(16).padStart(16, '0');
}

describe('Crc64', () => {
  // The check value of CRC-64/XZ, which is what Go calls ECMA, and two of Go's own tests.
  it.each([
    ['', '0000000000000000'],
    ['123456789', '995dc9bbdf1939fa'],
    ['a', '330284772e652b05'],
    ['ab', 'bc6573200e84b046'],
  ])('of %j is %s', (text, expected) => {
    expect(crcOf(text)).toBe(expected);
  });

  it('is the same however the bytes are cut', () => {
    expect(crcOf('12', '', '3456', '789')).toBe(crcOf('123456789'));
  });
});
