import { Matches } from 'class-validator';
import { Column, Table } from '../database/model/decorators.js';
import { flag, instant, string, text } from '../database/model/logical-type.js';
import { Imported } from './bases.js';

/** A caller's key; only its hash is known. */
@Table('api_keys', { uniques: [['hash']] })
export class ApiKey extends Imported {
  @Column(string(255), { nullable: true })
  name!: string | null;

  /** SHA-256, hexadecimal. */
  @Matches(/^[0-9a-f]{64}$/)
  @Column(string(64), { secret: true })
  hash!: string;

  @Column(string(20), { nullable: true })
  valueMasked!: string | null;

  @Column(instant(), { nullable: true })
  expiresAt!: Date | null;

  @Column(flag(), { nullable: true })
  isActive!: boolean | null;

  @Column(text(), { nullable: true })
  notes!: string | null;

  @Column(instant(), { nullable: true })
  createdAt!: Date | null;

  @Column(instant(), { nullable: true })
  updatedAt!: Date | null;
}
