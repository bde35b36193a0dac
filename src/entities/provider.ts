import { Column, Table } from '../database/model/decorators.js';
import { json, string, text } from '../database/model/logical-type.js';
import { Configured } from './bases.js';

/** A connection to a provider of language models or knowledge. */
@Table('providers')
export class Provider extends Configured {
  @Column(string(100), { nullable: true })
  type!: string | null;

  @Column(string(500), { nullable: true })
  endpoint!: string | null;

  @Column(json(), { nullable: true, secret: true })
  connectionConfig!: unknown;

  /** Opaque: never printed, never dropped. */
  @Column(text(), { nullable: true, secret: true })
  secretsEncrypted!: string | null;

  @Column(json(), { nullable: true })
  metadataInfo!: unknown;
}
