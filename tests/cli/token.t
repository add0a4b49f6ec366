# Tokens of the F3548 interface's development mode, and what serving says of its settings.

== three parts, and claims as asked
$ parley token . --sub uss1 --scope utm.strategic_coordination --for 30m >token; grep -c -E '^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{342}$' token; for part in 1 2; do { cut -d. -f$part token | tr -d '\n'; echo ==; } | tr '_-' '/+' | base64 -di 2>/dev/null; echo; done
> 1
> {"alg":"RS256","typ":"JWT"}
>~ \{"iss":"parley-dev","sub":"uss1","aud":"localhost","scope":"utm.strategic_coordination","iat":[0-9]+,"exp":[0-9]+\}

== several scopes and audiences, another issuer
$ parley token . --sub uss1 --scope utm.strategic_coordination,utm.constraint_management --scope 'a b' --aud x,y --aud z --iss i | cut -d. -f2 | tr '_-' '/+' | base64 -di 2>/dev/null | cut -d, -f1-6
> {"iss":"i","sub":"uss1","aud":["x","y","z"],"scope":"utm.strategic_coordination utm.constraint_management a b"

== an hour unless said otherwise, and not more
$ for t in 3600s 60m 1h; do parley token . --sub a --scope b --for $t | cut -d. -f2 | tr '_-' '/+' | base64 -di 2>/dev/null | sed 's/.*"iat":\([0-9]*\),"exp":\([0-9]*\).*/echo $((\2 - \1))/' | sh; done; parley token . --sub a --scope b | cut -d. -f2 | tr '_-' '/+' | base64 -di 2>/dev/null | sed 's/.*"iat":\([0-9]*\),"exp":\([0-9]*\).*/echo $((\2 - \1))/' | sh
> 3600
> 3600
> 3600
> 3600

== times that are none
$ for t in 0s 3601s 61m 2h 1 h '' -1s 1d 1.5h; do parley token . --sub a --scope b --for "$t" 2>/dev/null; echo $?; done | sort | uniq -c | sed 's/^ *//'; parley token . --sub a --scope b --for 2h
? 2
> 10 2
! parley: token: --for: "2h" is no time, expected 1s to 1h, as 90s or 30m

== the public key verifies it
$ parley token . --sub a --scope b >token; parley token . --public-key >key.pem; cut -d. -f1,2 token | tr -d '\n' >text; { cut -d. -f3 token | tr -d '\n'; echo ==; } | tr '_-' '/+' | base64 -di 2>/dev/null >signature; openssl dgst -sha256 -verify key.pem -signature signature text
> Verified OK

== the key stays the same, for nobody else
$ parley token . --public-key >a; parley token . --public-key >b; cmp a b && stat -c '%a %n' *.pem
> 600 dss-dev.pem

== a key that others could read
$ parley token . --public-key >/dev/null; chmod 644 dss-dev.pem; parley token . --sub a --scope b
? 2
! parley: token: ./dss-dev.pem can be read by others (mode 0644): make it yours alone with chmod 600, or remove it for a new one

== a file that is no key
$ (umask 077; echo x >dss-dev.pem); parley token . --sub a --scope b
? 2
! parley: token: ./dss-dev.pem is no RSA private key of 2048 bits or more; remove it for a new one

== no folder, no subject, no scope
$ parley token; echo $?; parley token . --scope a; echo $?; parley token . --sub a; echo $?; parley token nowhere --sub a --scope b; echo $?; ls
> 2
> 2
> 2
> 2
! parley: token: expected one folder, made by `parley init`
! parley: token: expected --sub NAME and --scope SCOPE
! parley: token: expected --sub NAME and --scope SCOPE
! parley: token: nowhere is no folder; `parley init` makes a node's

== serving: development beyond loopback
$ parley init us --party us --alone --yes --address https://us.example:8440 >/dev/null; parley serve us --listen 0.0.0.0:0 --dss-dev; echo $?; ls us/dss-dev.pem
? 2
> 2
!~ parley: serve: --dss-dev: whoever can read the node's folder can sign any token; it is for loopback only
!~ ls: .*

== serving: settings that do not fit
$ parley init us --party us --alone --yes >/dev/null; for o in "--dss-audience a" "--dss-key-file k" "--dss-jwks-kid k --dss-dev" "--dss-http-base-urls" "--dss-uss-id a" "--dss-base-url https://a" "--dss-token-command x" "--dss-dev --dss-uss-id a/b" "--dss-dev --dss-base-url a.example" "--dss-dev --dss-base-url https://a/"; do parley serve us $o; echo $?; done
> 2
> 2
> 2
> 2
> 2
> 2
> 2
> 2
> 2
> 2
! parley: serve: no key verifies tokens: expected --dss-key-file, --dss-jwks or --dss-dev
! parley: serve: no audience: expected --dss-audience, mostly the host name that USSs call
! parley: serve: --dss-jwks-kid names keys of a set, but --dss-jwks is missing
! parley: serve: no key verifies tokens: expected --dss-key-file, --dss-jwks or --dss-dev
! parley: serve: no key verifies tokens: expected --dss-key-file, --dss-jwks or --dss-dev
! parley: serve: no key verifies tokens: expected --dss-key-file, --dss-jwks or --dss-dev
! parley: serve: no key verifies tokens: expected --dss-key-file, --dss-jwks or --dss-dev
! parley: serve: --dss-uss-id: expected at most 200 letters, digits, ".", "_" and "-"
! parley: serve: --dss-base-url: expected https:// or http://, a host, perhaps a path, no "/" at the end
! parley: serve: --dss-base-url: expected https:// or http://, a host, perhaps a path, no "/" at the end

== serving: a key file that is not there, or holds something else
$ parley init us --party us --alone --yes >/dev/null; parley serve us --dss-audience a --dss-key-file k.pem; echo $?; openssl genrsa -out k.pem 2048 2>/dev/null; parley serve us --dss-audience a --dss-key-file k.pem; echo $?; openssl rsa -in k.pem -pubout 2>/dev/null >p.pem; sed -i 5d p.pem; parley serve us --dss-audience a --dss-key-file p.pem; echo $?
> 2
> 2
> 2
! parley: serve: k.pem is not there
!~ parley: serve: k.pem: a block "PRIVATE KEY", expected PUBLIC KEY: keep the private key where tokens are made
!~ parley: serve: p.pem: .*

== serving: an address that will not do
$ parley init us --party us --alone --yes >/dev/null; parley serve us --dss-audience a --dss-jwks http://example.org/keys; echo $?; parley serve us --dss-audience a --dss-jwks keys.json; echo $?
> 2
> 2
! parley: serve: http://example.org/keys: beyond this machine https is expected: whoever changed the answer could sign any token
! parley: serve: "keys.json" is no address of a key set, expected https://, a host and a path

== serving: a list with nothing in it
$ parley serve us --dss-audience a,,b
? 2
! parley: serve: --dss-audience: an empty item, expected a text or several with commas

== serving: development mode, and an address that does not answer, are no failure
$ parley init us --party us --alone --yes >/dev/null; parley serve us --listen 127.0.0.1:0 --dss-dev --dss-jwks http://127.0.0.1:1/keys >log 2>said & until grep -q listening log 2>/dev/null; do sleep 0.05; done; kill -TERM %1; wait %1; echo "exit $?"; stat -c %a us/dss-dev.pem; grep -o 'no keys from http://127.0.0.1:1/keys' said
> exit 0
> 600
> no keys from http://127.0.0.1:1/keys
