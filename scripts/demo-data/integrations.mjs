import { createHash } from 'node:crypto';

import { Long } from 'bson';

import { NOW_MS, daysAgo, toOffsetText } from './clock.mjs';
import { configured, opaqueSecret } from './common.mjs';

/** @typedef {import('./common.mjs').Doc} Doc */
/** @typedef {import('./common.mjs').Sources} Sources */

/** @type {[system: string, name: string, method: string, path: string][]} */
const API_TOOLS = [
  ['GET_ORDER', 'Get order', 'GET', '/orders/{order_id}'],
  ['CANCEL_ORDER', 'Отменить заказ', 'POST', '/orders/{order_id}/cancel'],
  ['FIND_CUSTOMER', 'Find customer, by "name" or e-mail', 'GET', '/customers?q={query}'],
  ['CREATE_TICKET', '创建工单', 'POST', '/tickets'],
];

/** @param {Sources} sources */
export function apiToolDocuments(sources) {
  return API_TOOLS.map(([system, name, method, path], index) =>
    configured(
      sources,
      {
        name,
        description: index === 2 ? null : `${method} ${path}`,
        system_name: system,
        api_provider: index === 3 ? null : 'DEMO_CRM',
        path,
        method,
        mock: index === 0 ? { enabled: true, response: { status: 'shipped', items: [] } } : null,
        original_parameters: { query: { type: 'string', required: method === 'GET' } },
        original_operation_definition: {
          operationId: system.toLowerCase(),
          responses: { 200: { description: 'OK' } },
        },
        active_variant: 'variant_1',
        variants: [{ variant: 'variant_1', parameters: { input: { type: 'object' } }, description: name }],
      },
      { old: index === 1 },
    ),
  );
}

/** @param {Sources} sources */
export function aiAppDocuments(sources) {
  const tab = (/** @type {string} */ name, /** @type {string} */ type, /** @type {string} */ entity) => ({
    name,
    system_name: name.toUpperCase().replaceAll(' ', '_'),
    tab_type: type,
    entityObject: entity,
    is_inactive: false,
    config: { rag_tool: entity },
  });
  return [
    configured(sources, {
      name: 'Help Center',
      description: 'For end users',
      system_name: 'HELP_CENTER_APP',
      settings: { theme: 'default', show_close_button: true, is_icon_hide: false },
      tabs: [tab('Ask', 'RAG', 'DEMO_RAG_TOOL'), tab('Chat', 'Agent', 'SUPPORT_AGENT')],
    }),
    configured(
      sources,
      {
        name: 'مركز المساعدة',
        description: '',
        system_name: 'HELP_CENTER_AR',
        settings: { theme: 'rtl', direction: 'rtl' },
        tabs: [],
      },
      { old: true },
    ),
    configured(sources, {
      name: 'Empty app',
      description: null,
      system_name: 'EMPTY_APP',
      category: 'Tests',
    }),
  ];
}

/** @param {Sources} sources */
export function serverDocuments(sources) {
  const { rng } = sources;
  const tool = {
    name: 'find_invoice',
    description: 'Find invoices; dates as "20240115"',
    inputSchema: { type: 'object' },
  };
  return {
    api_servers: [
      configured(sources, {
        name: 'Demo CRM',
        system_name: 'DEMO_CRM',
        url: 'https://crm.example.com/api/v2',
        custom_headers: { 'X-Tenant': 'demo' },
        security_scheme: { type: 'http', scheme: 'bearer' },
        security_values: { token: '{CRM_TOKEN}' },
        verify_ssl: true,
        tools: [{ name: 'Get order', system_name: 'GET_ORDER', path: '/orders/{order_id}', method: 'GET' }],
        secrets_encrypted: opaqueSecret(rng),
      }),
      configured(sources, {
        name: 'Склад (test)',
        description: 'self-signed certificate',
        system_name: 'WAREHOUSE_TEST',
        url: 'https://warehouse.example.com:8443',
        custom_headers: null,
        security_scheme: null,
        security_values: null,
        verify_ssl: false,
        tools: [],
        secrets_encrypted: null,
      }),
    ],
    mcp_servers: [
      configured(sources, {
        name: 'Invoices',
        system_name: 'INVOICES_MCP',
        transport: 'streamable-http',
        url: 'https://mcp.example.com/invoices',
        headers: { Authorization: 'Bearer {INVOICE_TOKEN}' },
        tools: [tool],
        secrets_encrypted: opaqueSecret(rng),
        last_synced_at: daysAgo(3.5),
      }),
      configured(sources, {
        name: 'Wetter ☀️',
        description: '',
        system_name: 'WEATHER_MCP',
        transport: 'sse',
        url: 'https://mcp.example.com/weather/sse',
        headers: null,
        tools: null,
        secrets_encrypted: null,
      }),
    ],
  };
}

/** Callers with a key: system name, whether the key still works. */
/** @type {[name: string, active: boolean, notes: string | null][]} */
const KEYS = [
  ['SUPPORT', true, 'Support desk'],
  ['WEBSHOP', true, null],
  ['CRM', true, 'Ротация раз в год'],
  ['DATA_TEAM', true, ''],
  ['MOBILE_APP', true, 'iOS, Android; "v2" only'],
  ['OLD_PARTNER', false, 'revoked\nafter the audit'],
];

/** Names of the keys that requests may use. */
export const ACTIVE_KEYS = KEYS.filter(([, active]) => active).map(([name]) => name);

/** @param {Sources} sources */
export function apiKeyDocuments({ rng, ids }) {
  return KEYS.map(([name, active, notes]) => {
    const created = daysAgo(rng.int(40, 400));
    // Made up on the spot and kept nowhere; only its hash goes into the data, as on the platform.
    const key = `demo-${rng.hex(40)}`;
    return {
      _id: ids.objectId(created),
      name,
      hash: createHash('sha256').update(key).digest('hex'),
      value_masked: `demo-***${key.slice(-4)}`,
      expires_at: active ? (name === 'CRM' ? daysAgo(-300) : null) : daysAgo(20),
      is_active: active,
      notes,
      created_at: created,
    };
  });
}

/**
 * @typedef {object} JobPlan
 * @property {string} name
 * @property {import('bson').ObjectId} [id] where other documents refer to it
 * @property {string} jobType
 * @property {string} status
 * @property {string} runType
 * @property {Doc} params
 * @property {Doc} [cron]
 * @property {string} [interval]
 * @property {string} [timezone]
 * @property {number} [nextDays] days after the demo's "now"
 * @property {number} [lastDays] days before it
 */

/**
 * One job of each kind: every job type, every run configuration, every status.
 * @param {Parameters<typeof jobDocuments>[1]} targets
 * @returns {JobPlan[]}
 */
function jobPlans({ knowledgeId, evaluationId, jobIds }) {
  const recurring = { jobType: 'recurring', lastDays: 0.9 };
  return [
    {
      ...recurring,
      id: jobIds.sync,
      name: 'Sync Help Center',
      status: 'Waiting',
      runType: 'sync_collection',
      params: { collection_id: knowledgeId },
      interval: 'daily',
      cron: { hour: 2, minute: 30, jitter: 60 },
      timezone: 'Europe/Kyiv',
      nextDays: 0.1,
    },
    {
      // Both hold: the 1st to 7th AND a Monday, which is 0 here.
      ...recurring,
      name: 'Аналіз розмов (first Monday)',
      status: 'Waiting',
      runType: 'post_processing_conversations',
      params: { agent: 'SUPPORT_AGENT' },
      interval: 'custom',
      cron: { day: '1-7', day_of_week: '0', hour: 6, minute: 0, second: 0, start_date: '2025-01-01' },
      timezone: 'America/New_York',
      nextDays: 9,
    },
    {
      ...recurring,
      name: 'Clean up logs',
      status: 'Processing',
      runType: 'cleanup_logs',
      params: { retention_days: Long.fromNumber(90) },
      interval: 'hourly',
      cron: { minute: 5 },
      nextDays: 0.01,
    },
    {
      id: jobIds.evaluation,
      name: 'Evaluate "Help Center", v2',
      jobType: 'one_time_immediate',
      status: 'Completed',
      runType: 'evaluation',
      params: { evaluation_id: evaluationId },
      lastDays: 4,
    },
    {
      name: 'Custom export 导出',
      jobType: 'one_time_scheduled',
      status: 'Configuration',
      runType: 'custom',
      params: { command: 'export', args: ['--format', 'csv'] },
      timezone: 'Asia/Shanghai',
      nextDays: 2,
    },
    {
      name: 'Sync old manuals',
      jobType: 'one_time_immediate',
      status: 'Error',
      runType: 'sync_collection',
      params: { collection_id: 'missing' },
      lastDays: 12,
    },
    {
      name: 'Canceled sync',
      jobType: 'one_time_scheduled',
      status: 'Canceled',
      runType: 'sync_collection',
      params: {},
      lastDays: 15,
    },
    {
      name: 'Running now',
      jobType: 'one_time_immediate',
      status: 'Started',
      runType: 'custom',
      params: {},
      lastDays: 0,
    },
  ];
}

/**
 * @param {Sources} sources
 * @param {{knowledgeId: string, evaluationId: string, jobIds: {sync: import('bson').ObjectId,
 *   evaluation: import('bson').ObjectId}}} targets what jobs refer to, and the ids by which other
 *   documents refer to them
 */
export function jobDocuments({ ids }, targets) {
  return jobPlans(targets).map((plan) => {
    const next =
      plan.nextDays === undefined ? null : toOffsetText(new Date(NOW_MS + plan.nextDays * 86_400_000));
    return {
      _id: plan.id ?? ids.objectId(daysAgo(60)),
      definition: {
        name: plan.name,
        job_type: plan.jobType,
        ...(plan.interval === undefined ? {} : { interval: plan.interval, cron: plan.cron }),
        ...(plan.jobType === 'one_time_scheduled' ? { scheduled_start_time: next } : {}),
        timezone: plan.timezone ?? 'UTC',
        notification_email: plan.interval === 'daily' ? 'ops@example.com' : null,
        run_configuration: { type: plan.runType, params: plan.params },
        status: plan.status,
      },
      next_run: next,
      last_run: plan.lastDays === undefined ? null : toOffsetText(daysAgo(plan.lastDays)),
    };
  });
}
