# Tikfleet agent @version@ for tier @tier@. Tikfleet replaces this script: edits do not last.
# It reports to the server over HTTPS and runs the jobs that an answer names. Its token is in the
# script "tikfleet-token"; the job it must remember through a reboot is in the comment of the
# scheduler entry "tikfleet-startup". The global tikfleetMemory holds the rest, until a reboot.

{
:local server @server@
:global tikfleetMemory
:if ([:typeof $tikfleetMemory] != "array") do={ :set tikfleetMemory [:toarray ""] }

# One run at a time. The lock has an end, so that a run that hangs cannot silence this router.
:local now [/system resource get uptime]
:local until ($tikfleetMemory->"until")
:local free true
:if ([:typeof $until] = "time") do={ :if ($now < $until) do={ :set free false } }
:if ($free) do={
:set ($tikfleetMemory->"until") ($now + 3m)
@unspoken@
#+ words
#+ encoding
#+ decoding
#+ transport
#+ state
@try@
#+ identity
#+ pause
:local again true
:while ($again) do={
:set again false
:set seq ($tikfleetMemory->"seq")
#+ resend
#+ report
#+ answer
#+ job
#+ upkeep
#+ live
}
@catch@
  :log warning ("tikfleet: this run ended early: " . $failure)
}
:set ($tikfleetMemory->"until") [/system resource get uptime]
}
}
