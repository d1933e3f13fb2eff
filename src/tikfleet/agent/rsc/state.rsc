# What must outlive a reboot: the count of boots, the last job and how far it came.
:local remember do={
  /system scheduler set [/system scheduler find where name="tikfleet-startup"] \
    comment=("tikfleet: state boots=" . $1 . " job=" . $2 . " outcome=" . $3)
}

# The token to use, and with it the one before until the new one has worked.
:local keep do={
  :local text ("# token=" . $1)
  :if ([:len $2] > 0) do={ :set text ($text . " previous=" . $2) }
  /system script set [/system script find where name="tikfleet-token"] source=$text
}
