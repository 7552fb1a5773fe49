package holder

// Names of the South-South and of the Middle Belt.
const south = `
osaretin osaretine
osamudiamen osamudiame osamudia
oghenekaro karo
oghenetega tega
oghenerukevwe rukevwe ruke
oghenefejiro fejiro
oghenevwede vwede
ogheneovo ovo
oghenemaro maro
oghenetejiri tejiri
oghenebrume brume
oghenekome kome
oghenemine mine
oghenero ghenero
ejiroghene ejiro ejirooghene
eseoghene ese
efemena efemenah
onoriode onoriodeh
nsikakabasi nsikak nsikan
ubongabasi ubong
idaresit idara
imeabasi ime
itoroabasi itoro
mfonabasi mfon
inemesit ineme
uduakabasi uduak
aniekanabasi aniekan
ememabasi emem
utibeabasi utibe
edidiong edidiongabasi
ekaette ekaete
enobong enoabasi
akaninyene akanimo akan
edikan edikanabasi
iniobong iniabasi
kufreabasi kufre
mbetobong mbet
ndifreke ndy
otobong otoabasi oto
unwana unwanaobong unwanabasi
terhemba terhembah
terkimbi tarkimbi
tersoo tarsoo
msughter msugh
aondofa aondofah
mimidoo mimido
dooshima doshima
erdoo erdo
iveren iverem
nguveren nguvren
nanpan nanpam
nanret nanrit
nentawe nentawa
pwajok pwajock
ebiere ebierebo
ebikabowei ebi
tonye tonyeh
ibinabo ibinaboh
ibiso ibisoh
preye preyeh
timipre timi timipreye
omonigho omoniho
ehizojie ehis ehizogie
eromosele erom eromo
izegbuwa izegbua
itohan itohanosa
uyiosa uyi
efosa efosah
esosa esosah
nosakhare nosa nosakhale
aisosa aisosah
osarumen osaru osarumwense
osazuwa osazua
omorodion omorodon
`
