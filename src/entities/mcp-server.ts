import { Column, Table } from '../database/model/decorators.js';
import { json, string, text } from '../database/model/logical-type.js';
import { Configured } from './bases.js';

/** An external server that speaks the Model Context Protocol. */
@Table('mcp_servers')
export class McpServer extends Configured {
  @Column(string(50), { nullable: true })
  transport!: string | null;

  @Column(string(2000), { nullable: true })
  url!: string | null;

  @Column(json(), { nullable: true, secret: true })
  headers!: unknown;

  @Column(json(), { nullable: true })
  tools!: unknown;

  /** Opaque: never printed, never dropped. */
  @Column(text(), { nullable: true, secret: true })
  secretsEncrypted!: string | null;
}
