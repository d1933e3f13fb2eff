import stylistic from '@stylistic/eslint-plugin'
import vue from 'eslint-plugin-vue'
import typescript from 'typescript-eslint'

export default typescript.config(
  { ignores: ['.nuxt/**', '.output/**', 'node_modules/**', 'app/client/schema.d.ts'] },
  typescript.configs.recommended,
  vue.configs['flat/recommended'],
  stylistic.configs.customize({ semi: false, quotes: 'single', braceStyle: '1tbs', commaDangle: 'always-multiline', arrowParens: false }),
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: typescript.parser } } },
  {
    rules: {
      // What a router says about itself is hostile text: it is only ever interpolated.
      'vue/no-v-html': 'error',
      'vue/no-restricted-static-attribute': ['error', { key: 'onclick' }],
      // One frame for links and buttons: `TextLink` and `UButton` know how to look and what to do.
      'vue/no-restricted-html-elements': ['error', 'a'],
      '@typescript-eslint/no-explicit-any': 'error',
      'max-lines': ['error', { max: 400 }],
      '@stylistic/max-len': ['error', { code: 160, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true }],
      // Nuxt's compiler knows the names that it imports by itself; the type check fails on the others.
      'no-undef': 'off',
      'vue/multi-word-component-names': 'off',
      'vue/require-default-prop': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/html-closing-bracket-newline': ['error', { singleline: 'never', multiline: 'always' }],
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      '@stylistic/max-statements-per-line': 'off',
      '@stylistic/multiline-ternary': 'off',
      '@stylistic/quote-props': 'off',
    },
  },
  { files: ['**/*.vue'], rules: { 'max-lines': ['error', { max: 200 }] } },
  { files: ['app/messages/**', 'dev/**'], rules: { 'max-lines': 'off', '@stylistic/max-len': 'off' } },
)
