import { Table } from '../database/model/decorators.js';
import { WithVariants } from './with-variants.js';

/** A prompt template. */
@Table('prompts')
export class Prompt extends WithVariants {}
