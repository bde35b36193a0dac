import { Column, Table } from '../../../src/database/model/decorators.js';
import {
  double,
  flag,
  instant,
  integer,
  json,
  money,
  string,
  text,
} from '../../../src/database/model/logical-type.js';

/** A table with a column of every logical type. */
@Table('samples')
export class Sample {
  @Column(string(50), { primary: true })
  id!: string;

  @Column(string(255), { nullable: true })
  title!: string | null;

  @Column(string(2000), { nullable: true })
  link!: string | null;

  @Column(text(), { nullable: true })
  body!: string | null;

  @Column(integer(), { nullable: true })
  whole!: number | null;

  @Column(double(), { nullable: true })
  real!: number | null;

  @Column(money(), { nullable: true })
  price!: string | null;

  @Column(flag(), { nullable: true })
  good!: boolean | null;

  @Column(instant(), { nullable: true })
  momentAt!: Date | null;

  @Column(json(), { nullable: true })
  data!: unknown;
}
