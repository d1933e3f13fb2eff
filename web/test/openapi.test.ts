import { expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { curlOf, exampleOf, operationGroups, typeName, type OpenApi } from '~/utils/openapi'

const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as OpenApi
const operations = operationGroups(document).flatMap(group => group.operations)

it('shows every operation of the description once', () => {
  const written = Object.values(document.paths ?? {}).flatMap(methods => Object.keys(methods).filter(name => /^(get|post|put|patch|delete)$/.test(name)))
  expect(operations).toHaveLength(written.length)
  expect(new Set(operations.map(one => one.id)).size).toBe(operations.length)
})

it('has an example body and a command line for every write whose body has members of its own', () => {
  // What a router's own REST takes depends on the path: any object.
  for (const operation of operations.filter(one => one.body && !one.path.includes('/routeros/'))) {
    expect(Object.keys(exampleOf(operation.body, document) as object).length, operation.id).toBeGreaterThan(0)
    expect(curlOf(operation, document, 'https://fleet.example')).toContain('-d ')
  }
})

it('quotes an apostrophe for the shell', () => {
  const operation = { ...operations[0]!, method: 'POST', body: { type: 'object', example: { name: 'it\'s' } } }
  expect(curlOf(operation, document, 'https://fleet.example')).toContain('it\'\\\'\'s')
})

it('names types as a reader says them', () => {
  expect(typeName({ type: 'array', items: { type: 'string' } })).toBe('string[]')
  expect(typeName({ type: ['string', 'null'], format: 'date-time' })).toBe('string (date-time) | null (date-time)')
})
