/** A small OpenAPI document of the same shape as the server's, for the API reference page in development. */
const problem = { description: 'Problem', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } }
const json = schema => ({ content: { 'application/json': { schema } } })
const list = name => ({ type: 'object', properties: { items: { type: 'array', items: { $ref: `#/components/schemas/${name}` } }, next_cursor: { type: ['string', 'null'] }, total: { type: 'integer' } } })
const paging = [
  { name: 'limit', in: 'query', description: 'How many items, 1 to 200.', schema: { type: 'integer', default: 50 } },
  { name: 'cursor', in: 'query', description: 'Where the last page ended.', schema: { type: 'string' } },
  { name: 'sort', in: 'query', description: 'One field; a leading `-` turns it round.', schema: { type: 'string' }, example: '-last_seen_at' },
]
const byId = what => ({ name: 'id', in: 'path', required: true, description: `The ${what}'s id.`, schema: { type: 'string' } })

export const openapi = {
  openapi: '3.1.0',
  info: { title: 'Tikfleet API', version: '1', description: 'One API for every MikroTik router an organisation owns.' },
  tags: [{ name: 'Devices', description: 'Routers and what they last reported.' }, { name: 'Jobs', description: 'Commands carried to routers.' }, { name: 'Sites' }],
  paths: {
    '/api/v1/devices': {
      get: { tags: ['Devices'], operationId: 'listDevices', summary: 'List devices', description: 'Filters may be repeated; repeated ones mean any of.', parameters: [...paging, { name: 'status', in: 'query', schema: { type: 'array', items: { type: 'string', enum: ['online', 'offline', 'pending', 'never', 'removing'] } } }], responses: { 200: { description: 'A page of devices', ...json(list('Device')) }, 401: problem } },
    },
    '/api/v1/devices/{id}': {
      get: { tags: ['Devices'], operationId: 'getDevice', summary: 'One device', parameters: [byId('device')], responses: { 200: { description: 'The device', ...json({ $ref: '#/components/schemas/Device' }) }, 404: problem } },
      patch: { tags: ['Devices'], operationId: 'changeDevice', summary: 'Change a device', parameters: [byId('device')], requestBody: { required: true, ...json({ $ref: '#/components/schemas/DeviceChange' }) }, responses: { 200: { description: 'The device', ...json({ $ref: '#/components/schemas/Device' }) }, 404: problem, 412: problem } },
      delete: { tags: ['Devices'], operationId: 'removeDevice', summary: 'Remove a device', description: 'Its next check-in removes the agent from the router.', parameters: [byId('device'), { name: 'force', in: 'query', schema: { type: 'boolean', default: false } }], responses: { 202: { description: 'Being removed' }, 204: { description: 'Removed' } } },
    },
    '/api/v1/jobs': {
      post: { tags: ['Jobs'], operationId: 'createJobs', summary: 'Run something on devices', parameters: [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string' } }], requestBody: { required: true, ...json({ $ref: '#/components/schemas/NewJob' }) }, responses: { 201: { description: 'What was queued' }, 422: problem } },
    },
    '/api/v1/sites': { get: { tags: ['Sites'], operationId: 'listSites', summary: 'List sites', parameters: paging, responses: { 200: { description: 'A page of sites' } } } },
  },
  components: { schemas: {
    Device: { type: 'object', required: ['id', 'name', 'status'], properties: { id: { type: 'string', examples: ['dev_01hq'] }, name: { type: 'string', description: 'What people call it.' }, status: { type: 'string', enum: ['online', 'offline', 'pending', 'never', 'removing'] }, version: { type: ['string', 'null'] }, tags: { type: 'array', items: { type: 'string' } }, cpu_load: { type: ['number', 'null'], description: 'Percent, as last reported.' }, last_seen_at: { type: ['string', 'null'], format: 'date-time' } } },
    DeviceChange: { type: 'object', properties: { name: { type: 'string' }, site_id: { type: ['string', 'null'] }, tags: { type: 'array', items: { type: 'string' } }, notes: { type: 'string' } } },
    NewJob: { type: 'object', required: ['kind'], properties: { device_ids: { type: 'array', items: { type: 'string' } }, kind: { type: 'string', enum: ['script', 'reboot', 'identity', 'export'] }, script: { type: 'string', examples: ['/system/resource/print'] }, timeout_s: { type: 'integer', default: 60 } } },
    Problem: { type: 'object', properties: { code: { type: 'string' }, detail: { type: 'string' }, remedy: { type: 'string' }, status: { type: 'integer' } } },
  } },
}
