/** What Nuxt imports by itself in the application, for composables under test. */
import { computed, onScopeDispose, reactive, ref, shallowReactive, watch } from 'vue'
import { asProblem } from '~/composables/useResource'
import { t } from '~/utils/messages'

Object.assign(globalThis, { computed, onScopeDispose, reactive, ref, shallowReactive, watch, asProblem, t })
