import { StringStream } from '@codemirror/language'
import { describe, expect, it } from 'vitest'
import { routerOs, startState } from '~/utils/routerosTokens'

/** Every token of a script as `name:text`; what has no colour is left out. */
function tokens(script: string): string[] {
  const state = startState()
  const found: string[] = []
  for (const line of script.split('\n')) {
    if (!line) routerOs.blankLine!(state, 2)
    const stream = new StringStream(line, 8, 2)
    while (!stream.eol()) {
      stream.start = stream.pos
      const name = routerOs.token!(stream, state)
      expect(stream.pos, `no progress in ${JSON.stringify(line)}`).toBeGreaterThan(stream.start)
      if (name) found.push(`${name}:${stream.current()}`)
    }
  }
  return found
}
const named = (script: string, name: string) => tokens(script).filter(one => one.startsWith(`${name}:`)).map(one => one.slice(name.length + 1))

describe('the colours of a RouterOS script', () => {
  it('tell menus, commands, properties and values apart, in both ways to write a menu', () => {
    const said = ['propertyName:address', 'operator:=', 'literal:10.0.0.1/24', 'propertyName:disabled', 'operator:=', 'atom:no']
    const path = ['namespace:/', 'namespace:ip', 'namespace:/', 'namespace:address', 'namespace:/', 'variableName.function:add']
    expect(tokens('/ip/address/add address=10.0.0.1/24 disabled=no')).toEqual([...path, ...said])
    expect(tokens('/ip address add address=10.0.0.1/24 disabled=no')).toEqual([...path.filter((_, n) => n !== 2 && n !== 4), ...said])
  })

  it('take a # for a comment only where a command may start', () => {
    expect(named('# one\n:put a; # two\n/ip/dns set comment=a#b', 'comment')).toEqual(['# one', '# two'])
  })

  it('follow strings through escapes, variables and commands inside them', () => {
    expect(tokens(String.raw`:put "a\"b\41 $x $[/system/identity/get name] $(1+2)"`)).toEqual([
      'keyword::put', 'string:"', 'string:a', 'escape:\\"', 'string:b', 'escape:\\41', 'string: ', 'variableName:$x', 'string: ', 'bracket:$[',
      'namespace:/', 'namespace:system', 'namespace:/', 'namespace:identity', 'namespace:/', 'variableName.function:get', 'bracket:]', 'string: ',
      'bracket:$(', 'number:1', 'operator:+', 'number:2', 'bracket:)', 'string:"',
    ])
  })

  it('keep a string and a command open over lines', () => {
    expect(named(':put "one\n# two\nthree"', 'comment')).toEqual([])
    expect(named('/ip/address/add \\\n    address=10.0.0.1', 'propertyName')).toEqual(['address'])
    expect(named('/ip/address/add \\\n    address=10.0.0.1', 'namespace')).toEqual(['/', 'ip', '/', 'address', '/'])
  })

  it('name what is declared and what is used', () => {
    expect(tokens(':local count 5; :set $"my-count" ($count + 1)').filter(one => one.startsWith('variable'))).toEqual([
      'variableName.definition:count', 'variableName:$"my-count"', 'variableName:$count',
    ])
  })

  it.each([
    ['10.0.0.0/8', 'literal'], ['2001:db8::1/64', 'literal'], ['::1', 'literal'], ['48:A9:8A:01:02:03', 'literal'],
    ['1d2h30m', 'number'], ['00:00:30', 'number'], ['500ms', 'number'], ['0x1F', 'number'], ['10M', 'number'], ['yes', 'atom'],
  ])('know %s as a value', (value, name) => {
    expect(tokens(`/tool/x set a=${value}`).at(-1)).toBe(`${name}:${value}`)
  })

  it('leave names that only begin as numbers alone', () => {
    expect(tokens('/tool/x set a=6to4').at(-1)).toBe('operator:=')
  })

  it('mark a bracket that closes nothing', () => {
    expect(named(':put [:len "a"])', 'invalid')).toEqual([')'])
    expect(named(':if ($a = 1) do={ :put "x" } else={ :put "y" }', 'invalid')).toEqual([])
    expect(named(':if ($a = 1) do={ :put "x" } else={ :put "y" }', 'controlKeyword')).toEqual(['do', 'else'])
  })

  it('get to the end of any text', () => {
    const pieces = ['"', '\\', '$', '[', ']', '{', '}', '(', ')', '#', ';', '=', '/', ':', '\u0000', 'é', '🔥', '\t', '\n', '1', 'a', '!', '$[', '"$(']
    let seed = 7
    for (let round = 0; round < 300; round++) {
      let text = ''
      for (let n = 0; n < 40; n++) text += pieces[(seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF) % pieces.length]
      tokens(text)
    }
    tokens('['.repeat(20_000))
  })
})
