import { Column, Table } from '../database/model/decorators.js';
import { json } from '../database/model/logical-type.js';
import { Configured } from './bases.js';

/** An application shown to end users. */
@Table('ai_apps')
export class AiApp extends Configured {
  @Column(json(), { nullable: true })
  settings!: unknown;

  @Column(json(), { nullable: true })
  tabs!: unknown;
}
