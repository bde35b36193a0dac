import { Table } from '../database/model/decorators.js';
import { WithVariants } from './with-variants.js';

/** A tool that answers from knowledge sources. */
@Table('rag_tools')
export class RagTool extends WithVariants {}
