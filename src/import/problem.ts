/** What kind of rule a value breaks. */
export type ProblemRule = 'missing' | 'empty' | 'invalid' | 'too-long' | 'out-of-range' | 'twice';

/** Why a document does not fit: one thing that is wrong with it. */
export interface Problem {
  /** Where in the document: dotted, with list indexes: `spans[3].name`. */
  path: string;
  /** The same without indexes, for counting: `spans.name`. */
  field: string;
  rule: ProblemRule;
  /** In words, with the path. */
  reason: string;
}

/** Called for each value that had to be changed: `traces.latency`, `text to number`. */
export type OnCoerced = (field: string, what: string) => void;

/** What there is to say of one document. Paths are put together only when there is something to say. */
export class Findings {
  readonly problems: Problem[] = [];
  private list = '';
  private position = 0;

  constructor(
    private readonly collection: string,
    private readonly onCoerced: OnCoerced,
  ) {}

  /** From here on paths are those within an item of a list. */
  enter(list: string, position: number): void {
    this.list = list;
    this.position = position;
  }

  /**
   * @param path within the document, or within the item of the list
   * @param reason without what comes before the item: `name is missing`
   */
  problem(path: string, rule: ProblemRule, reason: string): void {
    const place = this.list === '' ? '' : `${this.list}[${this.position}].`;
    this.problems.push({ path: place + path, field: this.fieldOf(path), rule, reason: place + reason });
  }

  /** Of the list, or of one of its items, as a whole. */
  problemOfList(list: string, position: number | undefined, words: string): void {
    const path = position === undefined ? list : `${list}[${position}]`;
    this.problems.push({ path, field: list, rule: 'invalid', reason: `${path} ${words}` });
  }

  coerced(path: string, what: string): void {
    this.onCoerced(`${this.collection}.${this.fieldOf(path)}`, what);
  }

  private fieldOf(path: string): string {
    return this.list === '' ? path : `${this.list}.${path}`;
  }
}
