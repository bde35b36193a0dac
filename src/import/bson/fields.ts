import { endOfName } from './structure.js';

/** A field of documents of one kind. */
export interface Field {
  /** Its name, as the bytes of a document have it. */
  name: Buffer;
  /** Whom its value concerns: numbers that the list of fields was made with. */
  slots: number[];
  /** Whether it is one that no column takes. */
  isOther: boolean;
  /** The fields inside it that concern somebody. */
  inner: Fields | undefined;
  /** The field that stood behind it in a document before, which is likely to stand there again. */
  next: Field | undefined;
}

/** What the fields of a document, or of an object in it, are for, by their names. */
export class Fields {
  private readonly byName = new Map<string, Field>();
  private first: Field | undefined;

  /** @param isOther of a name that was not added: whether it is one that no column takes */
  constructor(private readonly isOther: boolean) {}

  /** A field that somebody knows; it is no other. */
  known(name: string): Field {
    let field = this.byName.get(name);
    if (!field) {
      field = fieldOf(Buffer.from(name), false);
      this.byName.set(name, field);
    }
    return field;
  }

  /** Makes a value concern somebody, at a path that begins here. */
  add([first = '', ...others]: readonly string[], slot: number, isTaken: boolean): void {
    let field = this.byName.get(first);
    if (!field) {
      field = fieldOf(Buffer.from(first), this.isOther && !isTaken);
      this.byName.set(first, field);
    }
    if (others.length === 0) field.slots.push(slot);
    else (field.inner ??= new Fields(false)).add(others, slot, true);
  }

  /** The field whose name begins at an offset, behind another one. */
  at(view: Buffer, start: number, before: Field | undefined): Field {
    const likely = before ? before.next : this.first;
    if (likely && isNameAt(view, start, likely.name)) return likely;
    const end = endOfName(view, start);
    const known = this.byName.get(view.toString('utf8', start, end));
    const field = known ?? fieldOf(Buffer.from(view.subarray(start, end)), this.isOther);
    if (before) before.next = field;
    else this.first = field;
    return field;
  }
}

function fieldOf(name: Buffer, isOther: boolean): Field {
  return { name, slots: [], isOther, inner: undefined, next: undefined };
}

function isNameAt(view: Buffer, start: number, name: Buffer): boolean {
  const { length } = name;
  for (let index = 0; index < length; index += 1) if (view[start + index] !== name[index]) return false;
  return view[start + length] === 0;
}
