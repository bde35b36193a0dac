import { Decimal128 } from 'bson';
import {
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  INSTANT,
  INT32,
  INT64,
  isString,
  LENGTH_BYTES,
  STRING,
} from './structure.js';

/** What invalid UTF-8 becomes. */
const REPLACEMENT = '\ufffd';

export type Scalar = string | number | boolean | Date | Decimal128;

/**
 * The value of a field of a document that has been examined, of the types that most have.
 * @returns as the bson package decodes it; undefined where that has to look
 */
export function scalarAt(view: Buffer, type: number, start: number, end: number): Scalar | undefined {
  switch (type) {
    case STRING: {
      if (!isString(view, start, end)) return undefined;
      const text = view.toString('utf8', start + LENGTH_BYTES, end - 1);
      return text.includes(REPLACEMENT) ? undefined : text;
    }
    case INT32:
      return view.readInt32LE(start);
    case INT64:
      return int64At(view, start);
    case DOUBLE:
      return view.readDoubleLE(start);
    case INSTANT:
      return new Date(wide(view, start));
    case BOOLEAN:
      return view[start] === 1 ? true : view[start] === 0 ? false : undefined;
    case DECIMAL:
      return new Decimal128(Uint8Array.from(view.subarray(start, end)));
    default:
      return undefined;
  }
}

/** A whole number of 64 bits where a JavaScript number is that very number; else undefined. */
export function int64At(view: Buffer, start: number): number | undefined {
  const value = wide(view, start);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** 64 bits as a number, which is exact up to 2^53. */
function wide(view: Buffer, start: number): number {
  return view.readInt32LE(start + 4) * 2 ** 32 + view.readUInt32LE(start);
}
