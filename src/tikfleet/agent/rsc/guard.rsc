# Tikfleet: a restore point is saved and its undo armed before anything is changed.
{
#+ words
:local startup [/system scheduler find where name="tikfleet-startup"]
:local state [/system scheduler get $startup comment]
:local boots [:tonum [$word $state "boots"]]
:local job [$word $state "job"]
# What lies outside of the folder "flash" is gone after a reboot where there is one.
:local point "tikfleet-undo"
:if ([:len [/file find where name="flash"]] > 0) do={ :set point "flash/tikfleet-undo" }
:local clear do={
  :local mine "tikfleet-undo"
  /system scheduler remove [/system scheduler find where name=$mine and comment~"^tikfleet:"]
  /system script remove [/system script find where name=$mine and comment~"^tikfleet:"]
  :do { /file remove [/file find where name~"tikfleet-undo.backup"] } on-error={}
}
@unspoken@
@try@
  $clear
  :if ([/system resource get free-hdd-space] < 131072) do={
    :error "less than 128 KiB of flash are free"
  }
  # What the restore point says of this job is what is true once it has been loaded. The count of
  # boots leaps, so that no boot after that has the name of one that comes before it.
  /system scheduler set $startup comment=("tikfleet: state boots=" . ($boots + 100) . \
    " job=" . $job . " outcome=rolled-back")
  /system backup save name=$point dont-encrypt=yes
  :local waited 0
  :while ([:len [/file find where name=($point . ".backup")]] = 0 and $waited < 10) do={
    :delay 1s
    :set waited ($waited + 1)
  }
  :local size [/file get [/file find where name=($point . ".backup")] size]
  :if ($size = 0) do={ :error "the backup is empty" }
  /system script add name="tikfleet-undo" \
    policy=@policies@ \
    comment="tikfleet: the undo of a change that nobody has confirmed yet" \
    source=@undo@
  /system scheduler set $startup comment=$state
  /system scheduler add name="tikfleet-undo" start-time=startup interval=10s \
    policy=@policies@ \
    on-event="/system script run tikfleet-undo" \
    comment=("tikfleet: armed boots=" . $boots . " job=" . $job)
@catch@
  $clear
  /system scheduler set $startup comment=$state
  :put ("not run: no restore point could be made: " . $failure)
  :error ("not run: no restore point could be made: " . $failure)
}
}
