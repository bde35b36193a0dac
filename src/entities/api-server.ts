import { Column, Table } from '../database/model/decorators.js';
import { flag, json, string, text } from '../database/model/logical-type.js';
import { Configured } from './bases.js';

/** An external HTTP server whose operations agents call. */
@Table('api_servers')
export class ApiServer extends Configured {
  @Column(string(2000), { nullable: true })
  url!: string | null;

  /** May hold tokens. */
  @Column(json(), { nullable: true, secret: true })
  customHeaders!: unknown;

  @Column(json(), { nullable: true })
  securityScheme!: unknown;

  @Column(json(), { nullable: true, secret: true })
  securityValues!: unknown;

  @Column(flag(), { nullable: true })
  verifySsl!: boolean | null;

  @Column(json(), { nullable: true })
  tools!: unknown;

  /** Opaque: never printed, never dropped. */
  @Column(text(), { nullable: true, secret: true })
  secretsEncrypted!: string | null;
}
