:local token ""
:local holder [/system script find where name="tikfleet-token"]
:if ([:len $holder] > 0) do={ :set token [$word [/system script get $holder source] "token"] }
# A router that is enrolled already keeps its identity, if the server still knows it.
:if ([:len $token] > 0) do={
  :do {
    $download ($server . "/agent/v1/agent") $token "tikfleet-agent.rsc"
    :set done true
    :put "This router was enrolled before: its agent has been refreshed."
  } on-error={ :put "The credential that is here does not work any more: enrolling anew." }
  :do { /file remove [/file find where name="tikfleet-agent.rsc"] } on-error={}
}
:if ($done = false) do={
#+ inventory
  :global tikfleetProbe
  :set ($tikfleetProbe->"policies") \
    [/system script get [/system script find where name="tikfleet-agent"] policy]
  :local head { "v"=1 }
  :local first ([$opening [$entry "" $head]] . \
    [$section "inventory" [$entry "inventory" $inventory] "group"] . \
    [$section "probe" [$entry "probe" $tikfleetProbe] "group"] . "@closing@")
  :local reply [$post ($server . "/agent/v1/enrol") $key $first]
  :local answer [$decode $reply]
  :if (($answer->"ok") = "@yes@") do={
    :set token ($answer->"token")
    /system script remove [/system script find where name="tikfleet-token"]
    /system script add name="tikfleet-token" policy=read source=("# token=" . $token) \
      comment="tikfleet: the credential of this router; not a program"
    :set done true
#<A
    :foreach item in=([:deserialize from=json options=json.no-string-conversion \
      value=$reply]->"findings") do={
      :put ("Found: " . ($item->"severity") . " " . ($item->"text") . " " . ($item->"remedy"))
    }
#<BCD
    :if ([:len ($answer->"findings")] > 0) do={ :put ("Found: " . ($answer->"findings")) }
#>
    :put ("Enrolled as device " . ($answer->"device") . " (" . ($answer->"state") . ").")
    :if (($answer->"state") = "pending") do={
      :put "A person has to approve it in the dashboard before its reports count."
    }
  } else={
    :put ("The server refused: " . ($answer->"error") . ". " . ($answer->"detail"))
  }
}
:if ($done) do={
  :local pace @interval@s
  :foreach id in=[/system scheduler find where name="tikfleet"] do={
    :set pace [/system scheduler get $id interval]
  }
  /system scheduler remove [/system scheduler find where name="tikfleet"]
  /system scheduler add name="tikfleet" interval=$pace \
    policy=@policies@ \
    on-event="/system script run tikfleet-agent" comment="tikfleet: runs the agent"
  :if ([:len [/system scheduler find where name="tikfleet-startup"]] = 0) do={
    /system scheduler add name="tikfleet-startup" start-time=startup \
      policy=@policies@ \
      on-event=":delay 20s; /system script run tikfleet-agent" \
      comment="tikfleet: state boots=0 job= outcome="
  }
  :execute script="/system script run tikfleet-agent"
  :put "Done: the first report is on its way."
}
