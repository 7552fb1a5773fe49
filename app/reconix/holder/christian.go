package holder

const christian = `
michael micheal mike mikel
stephen steven stephan steve
philip phillip
matthew mathew
elizabeth elisabeth liz
catherine katherine kathryn catharine katharine
gabriel gabrel gabrial
daniel danial daneil
samuel sam samual
benjamin ben benjamine
joshua josh joshuah
emmanuel emanuel emmanual imanuel immanuel emmanule
augustine austin austine augustin
anthony antony tony
patrick patric
timothy tim timoty
thomas tom tomas
victoria vicky
margaret magaret magret margret
deborah debora debby debbie
rebecca rebeca rebekah rebekka becky
rachel racheal rachael
esther ester easter
favour favor
cecilia cicilia caecilia
florence florrence
helen hellen
janet jannet
jennifer jenifer jenny
josephine josephin
lawrence laurence lawrance
nicholas nicolas nick
raphael rafael raphel
robert rob
sylvester silvester sylvesta
sylvia silvia
zechariah zachariah zacharia zecharia
isaac issac isaak
isaiah isiah isaih
jeremiah jeremaiah jerimiah
ezekiel ezekial ezekeil
elijah elija
nehemiah nehemia
jonathan johnathan jonathon jonatan
geoffrey jeffrey jeffery geofrey geffrey
frederick fredrick fredrik fred frederic
collins colins
damian damien
dennis denis
dominic dominick dominik
gregory greg
mathias matthias
nathaniel nathanael nathanel
paschal pascal
roseline rosaline rosalyn roselyn
rosemary rosemarie
sarah sara
susan suzan
susanna susannah suzanna suzannah
theresa teresa therasa
vivian vivien vivianne
anthonia antonia
christiana christianah
christina cristina christinah
felicia felisha
dorothy dorathy
eunice eunise
evelyn evelin evelyne
geraldine jeraldine
gertrude getrude
grace gracey
jacqueline jaqueline jacquline
jessica jesica
joseph josef josep
judith judit
justina justinah
kingsley kinsley kingsly
leonard lenard
magdalene magdalen magdaline magdalena
maureen moreen
mercy mersy
moses mosses
patience patiance
priscilla priscila precilla
promise promis
regina regena
stanley stanly
theodore theodor
theophilus teophilus theophillus
titus titos
tobias tobiah
valentine valentin
veronica veronika
vincent vinsent
virginia virgina
wisdom wisdon
christopher christoper christofer
cornelius conelius
ebenezer ebeneezer ebenezar
eugene eugine
ferdinand fedinand
godswill godwill
happiness happines
ignatius ignatious
innocent inocent
jerome jerom
juliana julianah
juliet juliette
loveth lovet lovett
lucia luciah
monica monika
philomena philomina filomena
phoebe pheobe
prosper prospa
ruth rooth
solomon soloman
sunday sundy
thaddeus thadeus
uriah uria
success sucess
blessing blessin
comfort comfot
confidence confidance
endurance endurence
fidelis fidelix
friday fryday
`
