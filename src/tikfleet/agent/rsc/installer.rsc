# Tikfleet installer for tier @tier@. It says what it is about to add and what stands in its way,
# and adds nothing when something does. Run again, it repairs what it added before.

# Part 1: say, and look.
{
:put ""
:put "Tikfleet: this router will report to"
:put ("  " . @server@)
:put "and run the jobs that its organisation sends."
:put "What will be added, all of it marked \"tikfleet:\":"
:put "  script     tikfleet-agent     the agent"
:put "  script     tikfleet-token     the credential of this router, never run"
:put "  scheduler  tikfleet           runs the agent every @interval@ s; the server sets the pace"
:put "  scheduler  tikfleet-startup   runs the agent after a boot, remembers the last job"
:put "Nothing listens on this router, and nothing of yours is changed."
:put ""
#+ words
:local stop 0

# A script or an entry of the same name that is not ours must stay.
:foreach mine in={ "tikfleet-agent"; "tikfleet-token" } do={
  :foreach id in=[/system script find where name=$mine] do={
    :if ([:pick [/system script get $id comment] 0 9] != "tikfleet:") do={
      :put ("STOP: a script named " . $mine . " is there and is not ours. Rename it first.")
      :set stop 1
    }
  }
}
:foreach mine in={ "tikfleet"; "tikfleet-startup" } do={
  :foreach id in=[/system scheduler find where name=$mine] do={
    :if ([:pick [/system scheduler get $id comment] 0 9] != "tikfleet:") do={
      :put ("STOP: a scheduler entry named " . $mine . " is there and is not ours. Rename it.")
      :set stop 1
    }
  }
}
#+ probe
:if ($stop > 0) do={
  :put "Nothing was added. Clear what stands in the way and paste the line again."
  :error "tikfleet: stopped before adding anything"
}
:put "Starting in @pause@ s. Press Ctrl-C now to stop."
:delay @pause@s
}

# Part 2: the agent. Adding again replaces what an earlier run added.
{
:global tikfleetFresh true
:if ([:len [/system script find where name="tikfleet-token"]] > 0) do={ :set tikfleetFresh false }
@unspoken@
@try@
@agent@
@catch@
  :put ("STOP: the agent could not be added: " . $failure)
  :put "The user of this terminal needs these policies, as the group full has them:"
  :put "  @policies@"
  :error "tikfleet: the agent was not added"
}
}

# Part 3: enrol, and only then start.
{
:global tikfleetFresh
:local server @server@
:local key @key@
:local done false
@unspoken@
#+ words
#+ encoding
#+ decoding
#+ transport
@try@
#+ enrol
@catch@
  :put ("STOP: " . $failure)
}
:if ($done = false) do={
  # What was there before this run stays; what this run added goes.
  :if ($tikfleetFresh) do={
    :foreach mine in={ "tikfleet-agent"; "tikfleet-token" } do={
      /system script remove [/system script find where name=$mine and comment~"^tikfleet:"]
    }
    :foreach mine in={ "tikfleet"; "tikfleet-startup" } do={
      /system scheduler remove [/system scheduler find where name=$mine and comment~"^tikfleet:"]
    }
    :put "What this run had added was taken away again."
  }
  :error "tikfleet: not enrolled"
}
}

# Part 4: leave no globals behind.
/system script environment remove [/system script environment find where \
  name="tikfleetFresh" or name="tikfleetProbe"]
