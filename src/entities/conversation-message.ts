import { Column, Table } from '../database/model/decorators.js';
import { flag, instant, integer, json, string, text } from '../database/model/logical-type.js';

/** One message of a conversation. */
@Table('conversation_messages', { indexes: [['createdAt']] })
export class ConversationMessage {
  @Column(string(255), {
    primary: true,
    references: { table: 'agent_conversations', column: 'id', onDelete: 'CASCADE' },
  })
  conversationId!: string;

  @Column(string(100), { primary: true })
  id!: string;

  /** Place in the conversation, from 0. */
  @Column(integer())
  position!: number;

  /** `user` or `assistant`. */
  @Column(string(50), { nullable: true })
  role!: string | null;

  @Column(text(), { nullable: true })
  content!: string | null;

  @Column(instant(), { nullable: true })
  createdAt!: Date | null;

  @Column(string(255), { nullable: true })
  topic!: string | null;

  @Column(flag(), { nullable: true })
  copied!: boolean | null;

  /** `{type: like|dislike, reason?, comment?}` */
  @Column(json(), { nullable: true })
  feedback!: unknown;

  @Column(json(), { nullable: true })
  customFeedback!: unknown;

  /** `{steps: [{started_at, completed_at, type, details}]}` */
  @Column(json(), { nullable: true })
  run!: unknown;

  @Column(json(), { nullable: true })
  actionCallRequests!: unknown;

  @Column(json(), { nullable: true })
  actionCallConfirmations!: unknown;

  @Column(json(), { nullable: true })
  extra!: unknown;
}
