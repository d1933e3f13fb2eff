/** The parts of an OpenAPI 3 document that the reference page shows. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  format?: string
  description?: string
  enum?: unknown[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  oneOf?: Schema[]
  anyOf?: Schema[]
  allOf?: Schema[]
  default?: unknown
  example?: unknown
  examples?: unknown
  additionalProperties?: boolean | Schema
}
interface Media { schema?: Schema, example?: unknown, examples?: Record<string, { value?: unknown }> }
export interface Parameter { name: string, in: string, required?: boolean, description?: string, schema?: Schema, example?: unknown }
interface RawOperation {
  operationId?: string
  summary?: string
  description?: string
  tags?: string[]
  parameters?: Parameter[]
  requestBody?: { content?: Record<string, Media>, required?: boolean }
  responses?: Record<string, { description?: string, content?: Record<string, Media> }>
  deprecated?: boolean
}
export interface OpenApi {
  info?: { title?: string, version?: string, description?: string }
  tags?: { name: string, description?: string }[]
  paths?: Record<string, Record<string, RawOperation>>
  components?: { schemas?: Record<string, Schema> }
}

export interface Operation {
  id: string
  method: string
  path: string
  title: string
  text: string
  parameters: Parameter[]
  body: Schema | null
  responses: { status: string, text: string, schema: Schema | null }[]
}
export interface OperationGroup { name: string, text: string, operations: Operation[] }

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

function firstSchema(content: Record<string, Media> | undefined): Schema | null {
  return Object.values(content ?? {})[0]?.schema ?? null
}

function operation(path: string, method: string, raw: RawOperation): Operation {
  return {
    id: raw.operationId ?? `${method}${path}`,
    method: method.toUpperCase(),
    path,
    title: raw.summary ?? raw.operationId ?? path,
    text: raw.description ?? '',
    parameters: raw.parameters ?? [],
    body: firstSchema(raw.requestBody?.content),
    responses: Object.entries(raw.responses ?? {}).map(([status, response]) => ({
      status, text: response.description ?? '', schema: firstSchema(response.content),
    })),
  }
}

/** Every operation, under its first tag, in the document's order of tags. */
export function operationGroups(document: OpenApi): OperationGroup[] {
  const groups = new Map<string, OperationGroup>((document.tags ?? []).map(tag => [tag.name, { name: tag.name, text: tag.description ?? '', operations: [] }]))
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS.filter(name => methods[name])) {
      const raw = methods[method]!
      const name = raw.tags?.[0] ?? 'API'
      if (!groups.has(name)) groups.set(name, { name, text: '', operations: [] })
      groups.get(name)!.operations.push(operation(path, method, raw))
    }
  }
  return [...groups.values()].filter(group => group.operations.length)
}

export function resolveSchema(schema: Schema | null | undefined, document: OpenApi): Schema {
  const name = schema?.$ref?.split('/').at(-1)
  return (name ? document.components?.schemas?.[name] : schema) ?? {}
}

/** The name of a schema's type as a reader says it: `list of Device`, `text or null`. */
export function typeName(schema: Schema | undefined): string {
  if (!schema) return ''
  if (schema.$ref) return schema.$ref.split('/').at(-1)!
  const choice = schema.oneOf ?? schema.anyOf
  if (choice) return [...new Set(choice.map(typeName))].join(' | ')
  const types = [schema.type ?? (schema.properties ? 'object' : schema.enum ? 'string' : 'any')].flat()
  return types.map(type => (type === 'array' ? `${typeName(schema.items) || 'any'}[]` : schema.format ? `${type} (${schema.format})` : type)).join(' | ')
}

/** A value that fits a schema: its own example where it has one. Nesting stops after a few levels. */
export function exampleOf(schema: Schema | null | undefined, document: OpenApi, depth = 0): unknown {
  const whole = resolveSchema(schema, document)
  if (whole.example !== undefined) return whole.example
  const given = Array.isArray(whole.examples) ? whole.examples[0] : undefined
  if (given !== undefined) return given
  if (whole.default !== undefined && whole.default !== null) return whole.default
  if (whole.enum) return whole.enum[0]
  const inner = whole.allOf?.[0] ?? (whole.oneOf ?? whole.anyOf)?.find(one => one.type !== 'null')
  if (inner) return exampleOf(inner, document, depth)
  if (whole.properties) {
    if (depth > 3) return {}
    return Object.fromEntries(Object.entries(whole.properties).map(([name, one]) => [name, exampleOf(one, document, depth + 1)]))
  }
  switch ([whole.type].flat().find(type => type !== 'null')) {
    case 'array': return depth > 3 ? [] : [exampleOf(whole.items, document, depth + 1)]
    case 'integer': case 'number': return 0
    case 'boolean': return true
    case 'string': return whole.format === 'date-time' ? '2026-11-23T04:20:11Z' : 'text'
    default: return {}
  }
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll('\'', '\'\\\'\'')}'`
}

/** The request as a command line, with a token in the environment. */
export function curlOf(one: Operation, document: OpenApi, origin: string): string {
  const query = one.parameters.filter(parameter => parameter.in === 'query' && parameter.required)
    .map(parameter => `${parameter.name}=${encodeURIComponent(String(parameter.example ?? exampleOf(parameter.schema, document)))}`)
  const lines = [`curl ${one.method === 'GET' ? '' : `-X ${one.method} `}${shellQuoted(`${origin}${one.path}${query.length ? `?${query.join('&')}` : ''}`)}`]
  lines.push('-H "Authorization: Bearer $TIKFLEET_TOKEN"')
  if (one.body) {
    lines.push('-H \'Content-Type: application/json\'')
    lines.push(`-d ${shellQuoted(JSON.stringify(exampleOf(one.body, document), null, 2))}`)
  }
  return lines.join(' \\\n  ')
}
