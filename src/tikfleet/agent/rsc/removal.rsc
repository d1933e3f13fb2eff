# Takes away what enrolment added to this router, by name and by mark, and nothing else.
{
# The agent may be the one that runs this: let it finish.
:delay @pause@s
:foreach mine in={ "tikfleet-undo"; "tikfleet"; "tikfleet-startup" } do={
  /system scheduler remove [/system scheduler find where name=$mine and comment~"^tikfleet:"]
}
# A run that began meanwhile ends first: it would bring back what it remembers.
:global tikfleetMemory
:local busy ([:typeof $tikfleetMemory] = "array")
:local waited 0
:while ($busy and $waited < 200) do={
  :local until ($tikfleetMemory->"until")
  :set busy false
  :if ([:typeof $until] = "time") do={ :set busy ([/system resource get uptime] < $until) }
  :if ($busy) do={ :set waited ($waited + 5) }
  :delay 5s
}
:foreach mine in={ "tikfleet-undo"; "tikfleet-agent"; "tikfleet-token" } do={
  /system script remove [/system script find where name=$mine and comment~"^tikfleet:"]
}
# The certificate authority that the enrolment line brought, by the name that we gave it.
:foreach mine in={ "tikfleet-ca"; "tikfleet-ca.txt_0" } do={
  /certificate remove [/certificate find where name=$mine]
}
:foreach mine in={ "tikfleetMemory"; "tikfleetJob"; "tikfleetFresh"; "tikfleetProbe"; \
  "tikfleetUndo" } do={
  /system script environment remove [/system script environment find where name=$mine]
}
:do { /file remove [/file find where name~"tikfleet-undo.backup"] } on-error={}
:put "tikfleet: removed. This router does not report any more."
:log info "tikfleet: removed. This router does not report any more."
:foreach mine in={ "tikfleet-install.rsc"; "tikfleet-agent.rsc"; "tikfleet-job.rsc"; \
  "tikfleet-job.txt"; "tikfleet-output.rsc"; "tikfleet-ca.txt"; "tikfleet-remove.rsc" } do={
  :do { /file remove [/file find where name=$mine] } on-error={}
}
}
