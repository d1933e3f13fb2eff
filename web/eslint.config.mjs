import nuxt from './.nuxt/eslint.config.mjs'

export default nuxt({
  rules: {
    // What a router says about itself is hostile text: it is only ever interpolated.
    'vue/no-v-html': 'error',
    'vue/multi-word-component-names': 'off',
    'vue/max-lines-per-block': ['error', { template: 150, script: 150 }],
    'vue/max-attributes-per-line': 'off',
    'vue/singleline-html-element-content-newline': 'off',
    'max-lines': ['error', { max: 400 }],
    '@typescript-eslint/no-explicit-any': 'error',
    '@stylistic/max-len': ['error', { code: 130, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignorePattern: 'class=|d="' }],
    '@stylistic/max-statements-per-line': 'off',
    '@stylistic/arrow-parens': 'off',
    '@stylistic/quote-props': 'off',
  },
}, {
  files: ['**/*.vue'],
  rules: { 'max-lines': ['error', { max: 200 }] },
}, {
  files: ['app/messages/**', 'dev/**'],
  rules: { 'max-lines': 'off' },
}, { ignores: ['app/client/schema.d.ts', 'openapi.json'] })
