# Tikfleet: goes back to the restore point unless the agent has recorded in time that the change
# is confirmed. It trusts no clock but the uptime, and begins anew after a reboot.
{
:global tikfleetUndo
#+ words
:local state [/system scheduler get [/system scheduler find where name="tikfleet-startup"] comment]
:local outcome [$word $state "outcome"]
:local entry [/system scheduler find where name="tikfleet-undo"]
:if ([:len $entry] = 0) do={ :error "tikfleet: the undo has been taken away" }
:local armed [/system scheduler get $entry comment]
:local job [$word $armed "job"]
:local now [/system resource get uptime]
:local phase ($job . " " . $outcome)
:if ([:typeof $tikfleetUndo] != "array") do={ :set tikfleetUndo [:toarray ""] }
:if (($tikfleetUndo->"phase") != $phase) do={
  :local span @limit@s
  :if ($outcome = "changed") do={ :set span @within@s }
  # What the failed script said is told first, when there is still a way.
  :if ($outcome = "undoing") do={ :set span 30s }
  :set ($tikfleetUndo->"phase") $phase
  :set ($tikfleetUndo->"tries") 0
  :set ($tikfleetUndo->"ends") ($now + $span)
}
:local back ($now >= ($tikfleetUndo->"ends"))
:if ([$word $state "job"] != $job) do={ :set back true }
:if ($outcome = "started") do={
  # A reboot inside the change: nobody knows how far it came.
  :if ([$word $state "boots"] != [$word $armed "boots"]) do={ :set back true }
} else={
  :if ($outcome != "changed" and $outcome != "undoing") do={ :set back true }
}
:local point [/file find where name~"tikfleet-undo.backup"]
:local over ($outcome = "confirmed" and [$word $state "job"] = $job)
:if ($over) do={ :set back false }
:if ($back and ([:len $point] = 0 or ($tikfleetUndo->"tries") > 2)) do={
  :log error ("tikfleet: job " . $job . " could not be undone: its change stays")
  :set over true
}
:if ($over) do={
  /system scheduler remove $entry
  :do { /file remove $point } on-error={}
  /system script remove [/system script find where name="tikfleet-undo"]
} else={
  :if ($back) do={
    :log warning ("tikfleet: going back to the configuration before job " . $job)
    :set ($tikfleetUndo->"tries") (($tikfleetUndo->"tries") + 1)
    :local backup [/file get $point name]
    :if ([:len [/system scheduler find where name="tikfleet-undo"]] > 0) do={
      /system backup load name=$backup password=""
    }
  } else={
    # The way to Tikfleet is tried until the time is over.
    :if ($outcome = "changed") do={ :execute script="/system script run tikfleet-agent" }
  }
}
}
