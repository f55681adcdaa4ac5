# shellcheck shell=bash
# Installing by the system's package manager. Sourced after lib.sh.

# The package manager of this machine; nothing when it is none of those we know.
package_manager() {
  local manager
  for manager in apt-get dnf apk pacman zypper brew; do
    if have "$manager"; then
      printf '%s' "$manager"
      return
    fi
  done
}

# Runs a command as root: directly, or by sudo where that can work without hanging on a question.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@" </dev/null
  elif have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    sudo "$@"
  else
    say "not root and no usable sudo, so this was not run: $*"
    return 1
  fi
}

refresh_once() {
  [ -z "${PACKAGES_REFRESHED:-}" ] || return 0
  PACKAGES_REFRESHED=1
  as_root apt-get -q update >&2 || say "the package lists could not be refreshed; trying with those that are here"
}

# install_packages APT DNF APK PACMAN ZYPPER BREW: the packages' names for each manager, in one word
# list each; an empty one means that this manager has none.
install_packages() {
  local manager names
  manager=$(package_manager)
  case "$manager" in
    apt-get) names=$1 ;;
    dnf) names=$2 ;;
    apk) names=$3 ;;
    pacman) names=$4 ;;
    zypper) names=$5 ;;
    brew) names=$6 ;;
    *) return 1 ;;
  esac
  [ -n "$names" ] || return 1
  say "installing by $manager: $names"
  # shellcheck disable=SC2086  # word lists on purpose
  case "$manager" in
    apt-get) refresh_once && as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends $names >&2 ;;
    dnf) as_root dnf -qy install $names >&2 ;;
    apk) as_root apk add --quiet $names >&2 ;;
    pacman) as_root pacman -Sy --noconfirm --needed $names >&2 ;;
    zypper) as_root zypper -nq install $names >&2 ;;
    brew) brew install -q $names </dev/null >&2 ;;
  esac
}

# Runs a command that installs packages, and lets none of them start a service: Debian's do, on well-known ports.
without_services() {
  local policy=/usr/sbin/policy-rc.d status=0
  if [ "$(package_manager)" != apt-get ] || [ -e "$policy" ]; then
    "$@"
    return
  fi
  as_root sh -c "printf '#!/bin/sh\\nexit 101\\n' > $policy && chmod 755 $policy" || return 1
  "$@" || status=$?
  as_root rm -f "$policy"
  return "$status"
}

# The sentence for what could not be had.
cannot_have() {
  local manager
  manager=$(package_manager)
  if [ -z "$manager" ]; then
    fail "no package manager we know is here (apt-get, dnf, apk, pacman, zypper, brew): please install $1 and run this again"
  fi
  fail "$1 could not be installed by $manager: please install it and run this again"
}
