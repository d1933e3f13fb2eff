# Sends a message ($1 address, $2 token, $3 message) and returns the answer.
:local post do={
  :local reply [/tool fetch url=$1@mode@ http-method=post http-data=$3 \
    http-header-field=("Authorization: Bearer " . $2 . ",Content-Type: @media@") \
    check-certificate=@check@@patience@ output=user as-value]
  :return ($reply->"data")
}

# Fetches a script to a file ($1 address, $2 token, $3 file name) and waits until it is there.
:local download do={
  :local fetched [/tool fetch url=$1@mode@ http-header-field=("Authorization: Bearer " . $2) \
    check-certificate=@check@@patience@ output=file dst-path=$3 as-value]
  :local tries 0
  :while ([:len [/file find where name=$3]] = 0 and $tries < 20) do={
    :delay 500ms
    :set tries ($tries + 1)
  }
  :if ([:len [/file find where name=$3]] = 0) do={ :error ("no file " . $3) }
}
